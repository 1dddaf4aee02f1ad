#!/bin/bash
# Where the StarRocks operator starts the BE pod: be_entrypoint.sh FE_SERVICE
exec local-warehouse backend "$@"
