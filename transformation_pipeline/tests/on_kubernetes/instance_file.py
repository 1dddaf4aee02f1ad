"""The instance that the platform has on Kubernetes, less what a chart's values decide."""

DAGSTER_YAML = """
storage:
  custom:
    module: transformation_pipeline.kubernetes.pooled_storage
    class: PooledPostgresStorage
    config:
      postgres_db:
        hostname: {env: DAGSTER_PG_HOST}
        port: {env: DAGSTER_PG_PORT}
        db_name: {env: DAGSTER_PG_DB}
        username: {env: DAGSTER_PG_USER}
        password: {env: DAGSTER_PG_PASSWORD}
        scheme: postgresql+psycopg2
        params: {connect_timeout: 10}
run_launcher:
  module: transformation_pipeline.kubernetes.launcher
  class: PatientK8sRunLauncher
  config:
    job_namespace: retail
    service_account_name: retail-run
    instance_config_map: retail-dagster
    dagster_home: /opt/dagster/home
    labels: {app.kubernetes.io/component: run}
    run_k8s_config:
      job_spec_config: {ttlSecondsAfterFinished: 3600, activeDeadlineSeconds: 4020}
      pod_spec_config: {automountServiceAccountToken: false, enableServiceLinks: false}
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
  config: {dequeue_interval_seconds: 1}
concurrency:
  pools: {default_limit: 1, granularity: run}
  runs:
    max_concurrent_runs: 4
    tag_concurrency_limits:
      - {key: transformation_pipeline/trigger, value: automation, limit: 1}
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
  cancel_timeout_seconds: 180
  poll_interval_seconds: 30
  max_runtime_seconds: 3600
run_retries: {enabled: true, max_retries: 3}
compute_logs:
  module: transformation_pipeline.kubernetes.compute_logs
  class: KubectlComputeLogManager
  config: {namespace: retail}
telemetry: {enabled: false}
nux: {enabled: false}
"""
