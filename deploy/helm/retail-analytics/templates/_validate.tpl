{{/*
What the schema cannot say: settings that contradict each other, and, where a cluster can be seen, what is missing there.
Each message says what to do. Argument: root.
*/}}
{{- define "retail.validate" -}}
{{- include "retail.validate.values" . }}
{{- if include "retail.live" . }}
{{- include "retail.validate.cluster" . }}
{{- else }}
{{- include "retail.validate.offline" . }}
{{- end }}
{{- end }}

{{- define "retail.validate.values" -}}
{{- $starrocks := .Values.starrocks }}
{{- $postgres := .Values.dagster.postgres }}
{{- if gt (len .Release.Name) 40 }}
{{- fail (printf "The release's name %q is longer than 40 characters: the names of StatefulSets and Jobs that are made from it would be too long." .Release.Name) }}
{{- end }}
{{- if not (regexMatch "^[a-z][a-z0-9-]*$" .Release.Name) }}
{{- fail (printf "The release's name %q must begin with a letter and have no dot: Services are named after it." .Release.Name) }}
{{- end }}
{{- if and $starrocks.enabled (eq (int $starrocks.fe.replicas) 2) }}
{{- fail "starrocks.fe.replicas is 2, of which both would have to live for a majority: set it to 1 or 3." }}
{{- end }}
{{- if and $starrocks.enabled $starrocks.external.host }}
{{- fail "starrocks.external.host is set, but the release has a StarRocks of its own: set starrocks.enabled to false, or leave the host empty." }}
{{- end }}
{{- if and $starrocks.enabled (ne $starrocks.auth.adminUser "root") }}
{{- fail (printf "starrocks.auth.adminUser is %s, but a StarRocks of the release's own begins with root alone: leave it at root." $starrocks.auth.adminUser) }}
{{- end }}
{{- if not $starrocks.enabled }}
{{- if not $starrocks.external.host }}
{{- fail "starrocks.enabled is false: set starrocks.external.host to the DNS name of a StarRocks frontend." }}
{{- end }}
{{- if and $starrocks.alias (regexMatch "^[0-9.]+$|:" $starrocks.external.host) }}
{{- fail (printf "starrocks.external.host is the address %s, to which no Service can lead: give a DNS name, or set starrocks.alias to false." $starrocks.external.host) }}
{{- end }}
{{- if not $starrocks.auth.existingSecret }}
{{- fail "starrocks.enabled is false: set starrocks.auth.existingSecret to the Secret with the passwords of the external StarRocks." }}
{{- end }}
{{- end }}
{{- range list "fe" "be" }}
{{- range $key, $_ := (index $starrocks .).config }}
{{- if has $key (list "http_port" "rpc_port" "query_port" "edit_log_port" "be_http_port" "webserver_port" "heartbeat_service_port" "be_port" "brpc_port") }}
{{- fail (printf "%s cannot be set in starrocks.*.config: Services and network policies know the default ports." $key) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $postgres.enabled $postgres.external.host }}
{{- fail "dagster.postgres.external.host is set, but the release has a Postgres of its own: set dagster.postgres.enabled to false, or leave the host empty." }}
{{- end }}
{{- if not $postgres.enabled }}
{{- if not (or $postgres.external.host $postgres.auth.keys.host) }}
{{- fail "dagster.postgres.enabled is false: set dagster.postgres.external.host, or dagster.postgres.auth.keys.host for a host that is in the Secret." }}
{{- end }}
{{- if not $postgres.auth.existingSecret }}
{{- fail "dagster.postgres.enabled is false: set dagster.postgres.auth.existingSecret to the Secret with the password of the external Postgres." }}
{{- end }}
{{- end }}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled }}
{{- fail "ingress.enabled and httpRoute.enabled are both true: choose one." }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.enabled is true: set httpRoute.parentRefs to the Gateway that the route belongs to." }}
{{- end }}
{{- if not .Values.dagster.readOnlyWebserver.enabled }}
{{- if .Values.ingress.readOnlyHost }}
{{- fail "ingress.readOnlyHost is set: set dagster.readOnlyWebserver.enabled to true." }}
{{- end }}
{{- if .Values.httpRoute.readOnlyHostnames }}
{{- fail "httpRoute.readOnlyHostnames is set: set dagster.readOnlyWebserver.enabled to true." }}
{{- end }}
{{- end }}
{{- if and .Values.ingress.readOnlyHost (eq .Values.ingress.readOnlyHost .Values.ingress.host) }}
{{- fail (printf "ingress.host and ingress.readOnlyHost are both %s: give each a name of its own." .Values.ingress.host) }}
{{- end }}
{{- if .Values.oauth2Proxy.enabled }}
{{- range list "existingSecret" "clientId" }}
{{- if not (index $.Values.oauth2Proxy .) }}
{{- fail (printf "oauth2Proxy.enabled is true: set oauth2Proxy.%s." .) }}
{{- end }}
{{- end }}
{{- if and (contains "oidc" .Values.oauth2Proxy.provider) (not .Values.oauth2Proxy.issuerUrl) }}
{{- fail (printf "oauth2Proxy.provider is %s: set oauth2Proxy.issuerUrl." .Values.oauth2Proxy.provider) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The Secrets that are the user's, each with the keys that are read: a YAML list. Argument: root. */}}
{{- define "retail.validate.secrets" -}}
{{- with .Values.starrocks.auth.existingSecret }}
{{- $keys := $.Values.starrocks.auth.keys }}
- value: starrocks.auth.existingSecret
  name: {{ . }}
  keys: {{ ternary $keys (omit $keys "admin") (or $.Values.starrocks.enabled $.Values.setup.enabled) | values | sortAlpha | toJson }}
{{- end }}
{{- with .Values.dagster.postgres.auth.existingSecret }}
{{- $keys := $.Values.dagster.postgres.auth.keys }}
- value: dagster.postgres.auth.existingSecret
  name: {{ . }}
  keys: {{ ternary (list $keys.password) (values $keys | sortAlpha | compact) $.Values.dagster.postgres.enabled | toJson }}
{{- end }}
{{- if .Values.oauth2Proxy.enabled }}
- value: oauth2Proxy.existingSecret
  name: {{ .Values.oauth2Proxy.existingSecret }}
  keys: {{ values .Values.oauth2Proxy.keys | sortAlpha | toJson }}
{{- end }}
{{- end }}

{{- define "retail.validate.cluster" -}}
{{- if and .Values.starrocks.enabled (not (.Capabilities.APIVersions.Has "starrocks.com/v1/StarRocksCluster")) }}
{{- fail "The cluster does not know StarRocksCluster: install the StarRocks operator first (deploy/starrocks-operator/README.md), or name an existing StarRocks by starrocks.enabled: false and starrocks.external.host." }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not (.Capabilities.APIVersions.Has "gateway.networking.k8s.io/v1/HTTPRoute")) }}
{{- fail "The cluster does not know HTTPRoute: install the Gateway API and a controller for it first, or use ingress.enabled." }}
{{- end }}
{{- if .Values.starrocks.alias }}
{{- $service := lookup "v1" "Service" .Release.Namespace "warehouse" }}
{{- $owner := dig "metadata" "annotations" "meta.helm.sh/release-name" "" $service }}
{{- if and $service (ne $owner .Release.Name) }}
{{- fail (printf "The namespace %s has a Service \"warehouse\" already, of %s: choose another namespace, or set starrocks.alias to false." .Release.Namespace ($owner | default "something else" | printf (ternary "the release %s" "%s" (ne $owner "")))) }}
{{- end }}
{{- end }}
{{- include "retail.validate.volumes" . }}
{{- range include "retail.validate.secrets" . | fromYamlArray }}
{{- $secret := lookup "v1" "Secret" $.Release.Namespace .name }}
{{- if not $secret }}
{{- fail (printf "%s names the Secret %q, which is not in the namespace %s: create it with %s." .value .name $.Release.Namespace (join ", " .keys)) }}
{{- end }}
{{- $value := .value }}
{{- $missing := list }}
{{- range .keys }}
{{- if not (get ($secret.data | default dict) .) }}
{{- $missing = append $missing . }}
{{- end }}
{{- end }}
{{- with $missing }}
{{- fail (printf "%s names the Secret %q, which has no value for %s: add it, or name the key it is under in %s." $value $secret.metadata.name (join ", " .) (trimSuffix "existingSecret" $value | printf "%skeys")) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
A StatefulSet's claims cannot be changed: Kubernetes would refuse Postgres' in the middle of an upgrade, and the operator's
would keep every later change from StarRocks' pods. Argument: root.
*/}}
{{- define "retail.validate.volumes" -}}
{{- $owners := dict }}
{{- if .Values.dagster.postgres.enabled }}
{{- $_ := set $owners (printf "%s-postgres" .Release.Name) (list "dagster.postgres" .Values.dagster.postgres.storage) }}
{{- end }}
{{- if .Values.starrocks.enabled }}
{{- $_ := set $owners (printf "%s-fe" .Release.Name) (list "starrocks.fe" .Values.starrocks.fe.storage) }}
{{- $_ := set $owners (printf "%s-be" .Release.Name) (list "starrocks.be" .Values.starrocks.be.storage) }}
{{- end }}
{{- range $name, $storage := $owners }}
{{- range dig "spec" "volumeClaimTemplates" list (lookup "apps/v1" "StatefulSet" $.Release.Namespace $name) }}
{{- $size := .spec.resources.requests.storage }}
{{- $class := dig "storageClassName" "" .spec }}
{{- $wanted := index $storage 1 }}
{{- if or (ne (include "retail.bytes" $size) (include "retail.bytes" $wanted.size)) (ne $class $wanted.storageClassName) }}
{{- fail (printf "%s.storage asks for %s of StorageClass %q, but the StatefulSet %s has claims for %s of %q, and Kubernetes lets nobody change them: set the old values; the chart's README says how to enlarge volumes." (first $storage) $wanted.size $wanted.storageClassName $name $size $class) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A quantity as a number of bytes: the cluster writes 10Gi for 10240Mi. Argument: the quantity. */}}
{{- define "retail.bytes" -}}
{{- $number := regexFind "^[0-9.]+" . }}
{{- $factors := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 }}
{{- mulf $number (get $factors (trimPrefix $number .) | default 1) }}
{{- end }}

{{- define "retail.validate.offline" -}}
{{- if not .Values.starrocks.auth.existingSecret }}
{{- fail "No cluster can be seen from here (helm template, --dry-run=client, Argo CD), so passwords that are generated now would change with each rendering: create a Secret and set starrocks.auth.existingSecret." }}
{{- end }}
{{- if not .Values.dagster.postgres.auth.existingSecret }}
{{- fail "No cluster can be seen from here (helm template, --dry-run=client, Argo CD), so a password that is generated now would change with each rendering: create a Secret and set dagster.postgres.auth.existingSecret." }}
{{- end }}
{{- end }}
