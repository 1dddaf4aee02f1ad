{{/* Labels that select the pods of one component. Argument: list of the root context and the component. */}}
{{- define "retail.selectorLabels" -}}
app.kubernetes.io/name: retail-analytics
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of an object or pod. Argument: as above. */}}
{{- define "retail.labels" -}}
{{ include "retail.selectorLabels" . }}
app.kubernetes.io/part-of: retail-analytics
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{/*
Labels of what must not restart with each version of the platform: the pods that hold data.
Argument: as above.
*/}}
{{- define "retail.stableLabels" -}}
{{ include "retail.selectorLabels" . }}
app.kubernetes.io/part-of: retail-analytics
{{- end }}

{{/*
An image's reference. A registry in the repository (its first part has a dot or a colon) gives way to global.imageRegistry.
Arguments: root, image.
*/}}
{{- define "retail.image" -}}
{{- $repository := .image.repository }}
{{- with .root.Values.global.imageRegistry }}
{{- $first := splitList "/" $repository | first }}
{{- if and (contains "/" $repository) (or (contains "." $first) (contains ":" $first)) }}
{{- $repository = trimPrefix (printf "%s/" $first) $repository }}
{{- end }}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}
{{- end }}
{{- if .image.digest -}}
{{ $repository }}@{{ .image.digest }}
{{- else -}}
{{ $repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "retail.pullSecrets" -}}
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}

{{/* The restricted pod security standard: the container's half. */}}
{{- define "retail.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/*
All of a pod's spec that does not differ in kind between components, security included.
Arguments: root, values (the component's), serviceAccount (optional), token (whether the pod calls the Kubernetes API),
grace (seconds), spread (optional: the component to spread where the values say nothing), uid (optional: for images whose
default user is root).
*/}}
{{- define "retail.pod" -}}
enableServiceLinks: false
automountServiceAccountToken: {{ .token | default false }}
{{- with .serviceAccount }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- include "retail.pullSecrets" . | trim | nindent 2 }}
{{- end }}
terminationGracePeriodSeconds: {{ .grace | default 30 }}
securityContext:
  runAsNonRoot: true
  seccompProfile: {type: RuntimeDefault}
  {{- with .uid }}
  runAsUser: {{ . }}
  runAsGroup: {{ . }}
  fsGroup: {{ . }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .values.topologySpreadConstraints | nindent 2 }}
{{- else if .spread }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "retail.selectorLabels" (list .root .spread) | nindent 8 }}
{{- end }}
{{- end }}

{{/* Variables: the chart's, less those that the user sets too, and the user's. Arguments: own (YAML text), extra. */}}
{{- define "retail.env" -}}
{{- $taken := dict }}
{{- range .extra }}
{{- $_ := set $taken .name true }}
{{- end }}
{{- $env := list }}
{{- range fromYamlArray .own }}
{{- if not (hasKey $taken .name) }}
{{- $env = append $env . }}
{{- end }}
{{- end }}
{{- toYaml (concat $env .extra) }}
{{- end }}

{{/* A folder for what a library may want to write; the root file system is read-only. Argument: its size. */}}
{{- define "retail.tmpVolume" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ . }}}
{{- end }}

{{- define "retail.tmpMount" -}}
- name: tmp
  mountPath: /tmp
{{- end }}

{{/* ---- StarRocks ---- */}}

{{- define "retail.warehouse.target" -}}
{{- if .Values.starrocks.enabled -}}
{{ .Release.Name }}-fe-service.{{ .Release.Namespace }}.svc.{{ .Values.global.clusterDomain | default "cluster.local" }}
{{- else -}}
{{ .Values.starrocks.external.host }}
{{- end }}
{{- end }}

{{- define "retail.warehouse.host" -}}
{{- if .Values.starrocks.alias }}warehouse{{ else }}{{ include "retail.warehouse.target" . }}{{ end }}
{{- end }}

{{- define "retail.warehouse.queryPort" -}}
{{- if .Values.starrocks.enabled }}9030{{ else }}{{ .Values.starrocks.external.queryPort }}{{ end }}
{{- end }}

{{- define "retail.warehouse.httpPort" -}}
{{- if .Values.starrocks.enabled }}8030{{ else }}{{ .Values.starrocks.external.httpPort }}{{ end }}
{{- end }}

{{- define "retail.warehouse.secret" -}}
{{ .Values.starrocks.auth.existingSecret | default (printf "%s-warehouse" .Release.Name) }}
{{- end }}

{{/* A variable with a password of the warehouse. Arguments: root, name, key (as in starrocks.auth.keys). */}}
{{- define "retail.warehouse.password" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "retail.warehouse.secret" .root }}
      key: {{ index .root.Values.starrocks.auth.keys .key }}
{{- end }}

{{/* The passwords of all users but the administrator. Argument: root. */}}
{{- define "retail.warehouse.userPasswords" -}}
{{- range $name, $key := dict "LOADER_PASSWORD" "loader" "TRANSFORMER_PASSWORD" "transformer" "OBSERVER_PASSWORD" "observer" "BI_READER_PASSWORD" "biReader" -}}
{{ include "retail.warehouse.password" (dict "root" $ "name" $name "key" $key) }}
{{ end }}
{{- end }}

{{/* Where the warehouse is. Argument: root. */}}
{{- define "retail.warehouse.address" -}}
- name: STARROCKS_HOST
  value: {{ include "retail.warehouse.host" . }}
- name: STARROCKS_QUERY_PORT
  value: {{ include "retail.warehouse.queryPort" . | quote }}
- name: STARROCKS_HTTP_PORT
  value: {{ include "retail.warehouse.httpPort" . | quote }}
{{- end }}

{{/* Where the warehouse is, and who asks. Arguments: root, user, key. */}}
{{- define "retail.warehouse.env" -}}
{{ include "retail.warehouse.address" .root }}
- name: STARROCKS_USER
  value: {{ .user }}
{{ include "retail.warehouse.password" (dict "root" .root "name" "STARROCKS_PASSWORD" "key" .key) }}
{{- end }}

{{/* Lines of a properties file. Whole numbers reach a template as floats, 1000000 as 1e+06. */}}
{{- define "retail.properties" -}}
{{- range $key, $value := . }}
{{- $key }} = {{ if kindIs "float64" $value }}{{ $value | toJson }}{{ else }}{{ $value }}{{ end }}
{{ end }}
{{- end }}

{{/* ---- Dagster ---- */}}

{{- define "retail.postgres.secret" -}}
{{ .Values.dagster.postgres.auth.existingSecret | default (printf "%s-postgres" .Release.Name) }}
{{- end }}

{{/* The variables that dagster.yaml names. Argument: root. */}}
{{- define "retail.postgres.env" -}}
{{- $postgres := .Values.dagster.postgres }}
{{- $external := $postgres.external }}
{{- $secret := include "retail.postgres.secret" . }}
{{- $host := ternary (printf "%s-postgres" .Release.Name) $external.host $postgres.enabled }}
{{- $port := ternary 5432 $external.port $postgres.enabled }}
{{- $database := ternary "dagster" $external.database $postgres.enabled }}
{{- $username := ternary "dagster" $external.username $postgres.enabled }}
{{- $keys := ternary (dict) $postgres.auth.keys $postgres.enabled }}
{{- range list (list "HOST" $keys.host $host) (list "PORT" $keys.port $port) (list "DB" $keys.database $database) (list "USER" $keys.username $username) (list "PASSWORD" $postgres.auth.keys.password "") }}
- name: DAGSTER_PG_{{ index . 0 }}
  {{- if index . 1 }}
  valueFrom:
    secretKeyRef: {name: {{ $secret }}, key: {{ index . 1 }}}
  {{- else }}
  value: {{ index . 2 | toString | quote }}
  {{- end }}
{{- end }}
{{- if not $postgres.enabled }}
# For what connects without Dagster, the migration and the daemon's probe: the parameters that libpq has variables for.
{{- range $parameter, $variable := dict "sslmode" "PGSSLMODE" "sslrootcert" "PGSSLROOTCERT" "channel_binding" "PGCHANNELBINDING" "target_session_attrs" "PGTARGETSESSIONATTRS" "options" "PGOPTIONS" }}
{{- with get $external.params $parameter }}
- name: {{ $variable }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The container of the migration, which also waits for Postgres. Argument: root. */}}
{{- define "retail.dagster.migrate" -}}
- name: migrate
  image: {{ include "retail.image" (dict "root" . "image" .Values.dagster.image) }}
  imagePullPolicy: {{ .Values.dagster.image.pullPolicy }}
  command: [python, -m, transformation_pipeline.kubernetes.migrate]
  env:
    {{- include "retail.postgres.env" . | trim | nindent 4 }}
  resources:
    {{- toYaml .Values.dagster.daemon.resources | nindent 4 }}
  securityContext:
    {{- include "retail.containerSecurity" . | nindent 4 }}
  volumeMounts:
    {{- include "retail.dagster.mounts" . | nindent 4 }}
{{- end }}

{{- define "retail.dagster.mounts" -}}
- name: config
  mountPath: /opt/dagster/home
- name: config
  mountPath: /etc/dagster
{{ include "retail.tmpMount" . }}
{{- end }}

{{- define "retail.dagster.volumes" -}}
- name: config
  configMap: {name: {{ .Release.Name }}-dagster}
{{ include "retail.tmpVolume" "64Mi" }}
{{- end }}

{{/* What makes Dagster's pods start anew: its files, and the passwords that the chart owns. */}}
{{- define "retail.dagster.checksums" -}}
checksum/config: {{ include (print .Template.BasePath "/dagster/configmap.yaml") . | sha256sum }}
checksum/postgres-password: {{ include "retail.secrets.postgres" . | sha256sum }}
{{- end }}

{{/* The Service that people are led to: the UI's, or the login's before it. Argument: root. */}}
{{- define "retail.front" -}}
{{ .Release.Name }}-{{ ternary "oauth2-proxy" "webserver" .Values.oauth2Proxy.enabled }}
{{- end }}
