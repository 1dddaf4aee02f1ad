# The Docker engine's start and end; sourced by 10-docker.sh and down.
# shellcheck shell=bash

# What the engine and the node change on the machine, beside what they remove themselves: Docker lets packets through
# and forbids forwarding to others, the kubelet and kind set the rest.
SYSCTLS="net.ipv4.ip_forward vm.overcommit_memory kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys
  kernel.keys.root_maxbytes"
BEFORE=$E2E_HOME/docker/before

alive() { [[ -n $1 && -d /proc/$1 && $(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) != Z ]]; }

# ended SECONDS PID: wait for a process's end; false when it goes on
ended() {
  local until=$((SECONDS + $1))
  while alive "$2"; do
    ((SECONDS < until)) || return 1
    sleep 0.1
  done
}

engine_processes() { pgrep --ns $$ --nslist net -f -- "(--config|-address) $ENGINE_RUN/containerd/" || true; }
other_engines() { pgrep --ns $$ --nslist net -x dockerd >/dev/null; }
engine_mounts() {
  awk -v home="$E2E_HOME/" -v run="$ENGINE_RUN/" 'index($2, home) == 1 || index($2, run) == 1 {print $2}' /proc/self/mounts |
    sort -r
}

start_engine() {
  local dk=$E2E_HOME/dk name
  cat >"$E2E_HOME/docker/daemon.json" <<JSON
{"data-root": "$E2E_HOME/docker/data", "exec-root": "$ENGINE_RUN", "pidfile": "$E2E_HOME/docker/pid",
 "hosts": ["$DOCKER_HOST"], "storage-driver": "overlay2", "log-level": "warn"}
JSON
  rm -f "$E2E_HOME/docker/pid" # of an engine that was killed
  if [ ! -e "$BEFORE" ]; then # else it is that of the killed engine's start
    iptables -S FORWARD | sed -n 's/^-P FORWARD /forward=/p' >"$BEFORE"
    for name in $SYSCTLS; do echo "$name=$(cat "/proc/sys/${name//.//}")" >>"$BEFORE"; done
  fi
  PATH=$dk/usr/sbin:$dk/usr/bin:$PATH setsid nohup dockerd --config-file "$E2E_HOME/docker/daemon.json" \
    >"$E2E_HOME/log/dockerd" 2>&1 </dev/null 9>&- &
  for _ in $(seq 240); do
    docker info >/dev/null 2>&1 && return
    alive $! || break
    sleep 0.25
  done
  tail -n 20 "$E2E_HOME/log/dockerd" >&2
  return 1
}

# stop_engine: end the engine with its containers, and take back what it did to the machine
stop_engine() {
  local pid containers
  mapfile -t containers < <(docker ps -aq)
  [ ${#containers[@]} = 0 ] || docker rm -f "${containers[@]}" >/dev/null
  docker network prune -f >/dev/null
  pid=$(cat "$E2E_HOME/docker/pid")
  kill "$pid"
  ended 60 "$pid" || kill -9 "$pid"
  for pid in $(engine_processes); do
    ended 10 "$pid" || kill -9 "$pid"
  done
  while read -r name; do umount -l "$name"; done < <(engine_mounts)
  rm -rf "$ENGINE_RUN"
  other_engines || restore_machine
  rm -f "$BEFORE"
}

# restore_machine: without Docker's bridge, firewall rules and settings
restore_machine() {
  local tool name value
  ip link delete docker0 2>/dev/null || true
  for tool in iptables ip6tables; do
    # every rule and chain of Docker's names a chain of its own or a bridge of its own
    "$tool-save" | sed -E '/DOCKER|docker0|br-[0-9a-f]{12}/d' | "$tool-restore"
  done
  [ -e "$BEFORE" ] || return 0
  while IFS='=' read -r name value; do
    if [ "$name" = forward ]; then
      iptables -P FORWARD "$value"
    else
      echo "$value" >"/proc/sys/${name//.//}" || echo "down: cannot set $name back to $value" >&2
    fi
  done <"$BEFORE"
}
