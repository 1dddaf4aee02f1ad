{{/* The simulator's pod template. Arguments: root, command, user (of the warehouse), restart (policy). */}}
{{- define "retail.simulator.template" -}}
metadata:
  labels:
    {{- include "retail.labels" (list .root "simulator") | nindent 4 }}
  {{- with .root.Values.simulator.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  restartPolicy: {{ .restart }}
  {{- include "retail.pod" (dict "root" .root "values" .root.Values.simulator) | nindent 2 }}
  containers:
    - name: simulator
      image: {{ include "retail.image" (dict "root" .root "image" .root.Values.simulator.image) }}
      imagePullPolicy: {{ .root.Values.simulator.image.pullPolicy }}
      command: [ingestion-simulator, {{ .command }}]
      env:
        {{- include "retail.env" (dict "own" (include "retail.simulator.env" .) "extra" .root.Values.simulator.extraEnv) | nindent 8 }}
      resources:
        {{- toYaml .root.Values.simulator.resources | nindent 8 }}
      securityContext:
        {{- include "retail.containerSecurity" .root | nindent 8 }}
      volumeMounts:
        {{- include "retail.tmpMount" .root | nindent 8 }}
  volumes:
    {{- include "retail.tmpVolume" "64Mi" | nindent 4 }}
{{- end }}

{{- define "retail.simulator.env" -}}
{{ include "retail.warehouse.env" (dict "root" .root "user" .user "key" .user) }}
{{- with .root.Values.simulator.world }}
- name: SIMULATOR_SEED
  value: {{ .seed | toJson | quote }}
- name: SIMULATOR_EPOCH
  value: {{ .epoch | quote }}
- name: SIMULATOR_TICK
  value: {{ .tick | quote }}
- name: SIMULATOR_ORDERS_PER_DAY
  value: {{ .ordersPerDay | toJson | quote }}
- name: SIMULATOR_DUPLICATE_RATE
  value: {{ .duplicateRate | toJson | quote }}
- name: SIMULATOR_LATE_RATE
  value: {{ .lateRate | toJson | quote }}
- name: SIMULATOR_INVALID_RATE
  value: {{ .invalidRate | toJson | quote }}
{{- end }}
{{- end }}
