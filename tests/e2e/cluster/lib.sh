# Settings of the test cluster; sourced by every script here. Those with a default can be set in the environment.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
E2E_HOME=${E2E_HOME:-/opt/e2e}          # everything built or downloaded; keep it and nothing is built twice
CLUSTER=${CLUSTER:-e2e}
INGRESS_PORT=${INGRESS_PORT:-8080}       # of this machine, on 127.0.0.1
NODE_PORT=${NODE_PORT:-30030}            # likewise; in the cluster it is 30030
KUBERNETES=1.34.4                        # also pinned in go/go.mod; 1.35 and later need cgroup v2
NODE_IMAGE=kindest/node:v$KUBERNETES
ENGINE_RUN=/run/$(basename "$E2E_HOME")-docker
# Not taken from the environment: an engine or cluster of someone else is never touched.
KUBECONFIG=$E2E_HOME/kubeconfig
DOCKER_HOST=unix://$E2E_HOME/docker/sock
DOCKER_CONFIG=$E2E_HOME/docker/client    # holds the plugins buildx and compose
PATH=$E2E_HOME/bin:$PATH
unset DOCKER_CONTEXT
export E2E_HOME CLUSTER KUBECONFIG DOCKER_HOST DOCKER_CONFIG PATH
mkdir -p "$E2E_HOME"/{bin,log,docker/client/cli-plugins}
apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }

# timed NAME COMMAND...: run it; its wall, user and sys seconds go to a log (what the Docker daemon does for it
# counts in wall alone)
timed() {
  local name=$1 TIMEFORMAT
  shift
  TIMEFORMAT="$(date +%H:%M:%S) $name: wall %0R user %0U sys %0S"
  { time "$@" 2>&3 3>&-; } 3>&2 2>>"$E2E_HOME/log/times"
}

# alone: wait until no other up or down works in this E2E_HOME. The lock is file descriptor 9, which steps inherit:
# one that outlives its `up` still keeps others out. The engine closes it.
alone() {
  exec 9>"$E2E_HOME/.lock"
  flock --nonblock 9 && return
  echo "waiting for another up or down" >&2
  flock 9 & # not in the foreground, where bash would hear no signal before it ends
  wait $!
}

# mirror: the Debian mirror that this machine uses
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | sed q; }

# rootfs NAME SUITE PACKAGES: a Debian image without documentation and translations
rootfs() {
  docker image inspect "$1" >/dev/null 2>&1 && return
  mmdebstrap --quiet --variant=minbase --include="$3" --aptopt='Acquire::Languages "none"' \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook='rm -rf "$1"/usr/share/{doc,man,locale}/*' \
    "$2" - "$(mirror)" | docker import - "$1" >/dev/null
}
