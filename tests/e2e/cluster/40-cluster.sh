#!/bin/bash
# The cluster: kind with the node image, then the ingress controller.
. "$(dirname "$0")/lib.sh"

if kind get clusters 2>/dev/null | grep -qx "$CLUSTER" && ! kubectl get --raw /readyz >/dev/null 2>&1; then
  kind delete cluster --name "$CLUSTER" # left over by a Docker engine that was stopped
fi
create() {
  sed -e "s/INGRESS_PORT/$INGRESS_PORT/" -e "s/NODE_PORT/$NODE_PORT/" "$HERE/kind.yaml" |
    kind create cluster --name "$CLUSTER" --image "$NODE_IMAGE" --config -
}
kind get clusters 2>/dev/null | grep -qx "$CLUSTER" || timed kind-create create

add_ons() {
  kubectl wait node --all --for=condition=Ready --timeout=120s
  kubectl apply -f "$HERE/ingress.yaml"
  kubectl -n kube-system rollout status deployment/ingress deployment/coredns daemonset/netpol --timeout=120s
  kubectl -n local-path-storage rollout status deployment/local-path-provisioner --timeout=120s
}
timed add-ons-ready add_ons >/dev/null
