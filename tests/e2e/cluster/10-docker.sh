#!/bin/bash
# A Docker engine from Debian packages, started by hand.
#
# bookworm's own dockerd (20.10) asks runc for every capability on --privileged, and the machine's bounding set
# lacks one (CAP_SYS_RESOURCE); newer ones take what there is. So dockerd and containerd are trixie's, unpacked
# beside the system (they run on bookworm's libc), and runc stays bookworm's (trixie's needs a newer libc).
. "$(dirname "$0")/lib.sh"
. "$HERE/engine.sh"

dk=$E2E_HOME/dk
packages() {
  local apt=$E2E_HOME/apt newer
  apt_get update
  apt_get install -y --no-install-recommends containerd runc iptables mmdebstrap >/dev/null
  # trixie, from the mirror that this machine already uses, in lists of its own
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,debs}
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) trixie main" >"$apt/sources.list"
  newer=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
  apt_get "${newer[@]}" update
  (cd "$apt/debs" && apt_get "${newer[@]}" download docker.io containerd docker-buildx docker-compose)
  for deb in "$apt"/debs/*.deb; do dpkg -x "$deb" "$dk"; done
  cp "$dk"/usr/libexec/docker/cli-plugins/docker-{buildx,compose} "$DOCKER_CONFIG/cli-plugins/"
  rm -rf "$apt"
}

if [ ! -x "$DOCKER_CONFIG/cli-plugins/docker-compose" ] || ! command -v runc >/dev/null || ! command -v mmdebstrap >/dev/null; then
  timed docker-packages packages
fi
docker info >/dev/null 2>&1 || timed docker-start start_engine
