{{/*
Passwords that the chart owns: those in the cluster, or new ones. They are made once for a rendering, because several
templates ask. Where no cluster can be seen (helm template, Argo CD, --dry-run=client) a new password at each rendering would
be no password at all, so retail.validate asks for a Secret of the user's own there.
*/}}

{{/* Whether a cluster can be seen. The first question needs rights in the namespace only; it may not exist yet. */}}
{{- define "retail.live" -}}
{{- if or (lookup "v1" "ConfigMap" .Release.Namespace "kube-root-ca.crt") (lookup "v1" "Namespace" "" "kube-system") -}}
true
{{- end }}
{{- end }}

{{/* The data of an own Secret, as YAML of base64 values. Arguments: root, name, keys. */}}
{{- define "retail.secrets.data" -}}
{{- $cache := printf "_secret_%s" .name }}
{{- if not (hasKey .root.Values $cache) }}
{{- $found := (lookup "v1" "Secret" .root.Release.Namespace .name).data | default dict }}
{{- $data := dict }}
{{- range .keys }}
{{- $_ := set $data . (get $found . | default (randAlphaNum 32 | b64enc)) }}
{{- end }}
{{- $_ := set .root.Values $cache $data }}
{{- end }}
{{- toYaml (get .root.Values $cache) }}
{{- end }}

{{/* The warehouse's passwords as the chart knows them: empty where the user owns the Secret. Argument: root. */}}
{{- define "retail.secrets.warehouse" -}}
{{- if not .Values.starrocks.auth.existingSecret }}
{{- include "retail.secrets.data" (dict "root" . "name" (include "retail.warehouse.secret" .) "keys" (values .Values.starrocks.auth.keys | sortAlpha)) }}
{{- end }}
{{- end }}

{{/* The same for Postgres. */}}
{{- define "retail.secrets.postgres" -}}
{{- if not .Values.dagster.postgres.auth.existingSecret }}
{{- include "retail.secrets.data" (dict "root" . "name" (include "retail.postgres.secret" .) "keys" (list .Values.dagster.postgres.auth.keys.password)) }}
{{- end }}
{{- end }}
