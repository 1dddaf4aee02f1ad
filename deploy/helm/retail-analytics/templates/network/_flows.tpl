{{/*
Who talks to whom, as a YAML list: the only place that says so, from which both ends' policies are made. A name is a
component of the release; one that begins with @ is somewhere else (retail.network.peers).
*/}}
{{- define "retail.network.flows" -}}
{{- $ingress := or .Values.ingress.enabled .Values.httpRoute.enabled }}
{{- $readOnly := .Values.dagster.readOnlyWebserver.enabled }}
{{- $servers := ternary (list "webserver" "webserver-readonly") (list "webserver") $readOnly }}
{{- $login := .Values.oauth2Proxy.enabled }}
{{- $own := .Values.starrocks.enabled }}
{{- $query := include "retail.warehouse.queryPort" . }}
{{- $http := include "retail.warehouse.httpPort" . }}
{{- $backend := ternary 8040 .Values.starrocks.external.backendHttpPort $own }}
{{- $fe := ternary "fe" "@warehouse" $own }}
{{- $be := ternary "be" "@warehouse" $own }}
{{- $postgres := ternary "postgres" "@postgres" .Values.dagster.postgres.enabled }}
{{- $postgresPort := ternary 5432 .Values.dagster.postgres.external.port .Values.dagster.postgres.enabled }}
{{- if $ingress }}
- {from: "@ingress", to: {{ ternary "oauth2-proxy" "webserver" $login }}, ports: [{{ ternary 4180 3000 $login }}]}
{{- if or .Values.ingress.readOnlyHost .Values.httpRoute.readOnlyHostnames }}
- {from: "@ingress", to: webserver-readonly, ports: [3000]}
{{- end }}
{{- end }}
{{- if $login }}
- {from: oauth2-proxy, to: webserver, ports: [3000]}
- {from: oauth2-proxy, to: "@identity", ports: {{ .Values.networkPolicy.identityProvider.ports | toJson }}}
{{- end }}
{{- range $servers }}
- {from: {{ . }}, to: code-server, ports: [4000]}
- {from: {{ . }}, to: "{{ $postgres }}", ports: [{{ $postgresPort }}]}
- {from: test, to: {{ . }}, ports: [3000]}
{{- end }}
- {from: daemon, to: code-server, ports: [4000]}
{{- range list "daemon" "code-server" "run" }}
- {from: {{ . }}, to: "{{ $postgres }}", ports: [{{ $postgresPort }}]}
{{- end }}
{{- range list "webserver" "daemon" }}
- {from: {{ . }}, to: "@api", ports: {{ $.Values.networkPolicy.apiServer.ports | toJson }}}
{{- end }}
{{- range list "code-server" "run" "setup" "test" }}
- {from: {{ . }}, to: "{{ $fe }}", ports: [{{ $query }}]}
{{- end }}
- {from: simulator, to: "{{ $fe }}", ports: [{{ $query }}, {{ $http }}]}
- {from: simulator, to: "{{ $be }}", ports: [{{ $backend }}]}
{{- if $own }}
{{- range $from := list "fe" "be" }}
{{- range $to := list "fe" "be" }}
- {from: {{ $from }}, to: {{ $to }}, ports: [8030, 8040, 8060, 9010, 9020, 9030, 9050, 9060]}
{{- end }}
{{- end }}
{{- if .Values.networkPolicy.warehouseClients }}
- {from: "@clients", to: fe, ports: [9030, 8030]}
- {from: "@clients", to: be, ports: [8040]}
{{- end }}
{{- end }}
{{- end }}

{{/* The peers of a policy's rule, as a YAML list; an empty one stands for anybody. Arguments: root, name. */}}
{{- define "retail.network.peers" -}}
{{- $policy := .root.Values.networkPolicy }}
{{- if eq .name "@ingress" }}{{ toYaml $policy.ingressController }}
{{- else if eq .name "@clients" }}{{ toYaml $policy.warehouseClients }}
{{- else if eq .name "@warehouse" }}{{ toYaml $policy.externalWarehouse }}
{{- else if eq .name "@postgres" }}{{ toYaml $policy.externalPostgres }}
{{- else if eq .name "@api" }}{{ include "retail.network.blocks" $policy.apiServer.cidrs }}
{{- else if eq .name "@identity" }}{{ include "retail.network.blocks" $policy.identityProvider.cidrs }}
{{- else }}
- podSelector:
    matchLabels:
      {{- include "retail.selectorLabels" (list .root .name) | nindent 6 }}
{{- end }}
{{- end }}

{{- define "retail.network.blocks" -}}
{{- range . }}
- ipBlock: {cidr: {{ . | quote }}}
{{- end }}
{{- end }}

{{/* One rule. Arguments: root, direction (from or to), name, ports. */}}
{{- define "retail.network.rule" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- $peers := include "retail.network.peers" . | trim }}
  {{- if ne $peers "[]" }}
  {{ .direction }}:
    {{- $peers | nindent 4 }}
  {{- end }}
{{- end }}
