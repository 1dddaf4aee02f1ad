#!/bin/bash
# The operator's preStop hook of FE and BE pods: ends the container's process and waits until it is gone.
# The operator passes -g for a graceful stop; every stop is one here.
pid=${LOCAL_WAREHOUSE_PID:-1}
kill -TERM "$pid" || exit 0
while kill -0 "$pid" 2>/dev/null; do
  sleep 0.1
done
