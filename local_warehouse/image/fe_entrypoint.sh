#!/bin/bash
# Where the StarRocks operator starts the FE pod: fe_entrypoint.sh FE_SERVICE
exec local-warehouse frontend "$@"
