{{/*
Service and Deployment of a webserver. Arguments: root, component, values, readOnly. Only the one that can end runs has a
ServiceAccount with rights and a token.
*/}}
{{- define "retail.webserver" -}}
{{- $name := printf "%s-%s" .root.Release.Name .component }}
{{- $prefix := .root.Values.dagster.webserver.pathPrefix }}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels:
    {{- include "retail.labels" (list .root .component) | nindent 4 }}
  {{- with .values.serviceAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  selector:
    {{- include "retail.selectorLabels" (list .root .component) | nindent 4 }}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "retail.labels" (list .root .component) | nindent 4 }}
spec:
  replicas: {{ .values.replicas }}
  strategy:
    rollingUpdate: {maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "retail.selectorLabels" (list .root .component) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "retail.labels" (list .root .component) | nindent 8 }}
      annotations:
        {{- include "retail.dagster.checksums" .root | nindent 8 }}
        {{- with .values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- $account := ternary "" $name .readOnly }}
      {{- include "retail.pod" (dict "root" .root "values" .values "spread" .component "serviceAccount" $account "token" (not .readOnly)) | nindent 6 }}
      initContainers:
        {{- include "retail.dagster.migrate" .root | nindent 8 }}
      containers:
        - name: webserver
          image: {{ include "retail.image" (dict "root" .root "image" .root.Values.dagster.image) }}
          imagePullPolicy: {{ .root.Values.dagster.image.pullPolicy }}
          command:
            - dagster-webserver
            - --host=0.0.0.0
            - --port=3000
            - --workspace=/etc/dagster/workspace.yaml
            - --log-format=json
            - --dagster-log-level={{ .root.Values.dagster.logLevel }}
            {{- with $prefix }}
            - --path-prefix={{ . }}
            {{- end }}
            {{- if .readOnly }}
            - --read-only
            {{- end }}
          env:
            {{- include "retail.env" (dict "own" (include "retail.webserver.env" .root) "extra" .values.extraEnv) | nindent 12 }}
          ports:
            - name: http
              containerPort: 3000
          # The page that asks no database.
          startupProbe:
            httpGet: {path: {{ $prefix }}/server_info, port: http}
            periodSeconds: 2
            timeoutSeconds: 5
            failureThreshold: 150
          readinessProbe:
            httpGet: {path: {{ $prefix }}/server_info, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
          livenessProbe:
            httpGet: {path: {{ $prefix }}/server_info, port: http}
            periodSeconds: 20
            timeoutSeconds: 10
            failureThreshold: 6
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          securityContext:
            {{- include "retail.containerSecurity" .root | nindent 12 }}
          volumeMounts:
            {{- include "retail.dagster.mounts" .root | nindent 12 }}
      volumes:
        {{- include "retail.dagster.volumes" .root | nindent 8 }}
{{- end }}

{{- define "retail.webserver.env" -}}
{{ include "retail.postgres.env" . | trim }}
# Redirects keep the scheme that the proxy says. Who may reach the port is the network policy's business.
- name: FORWARDED_ALLOW_IPS
  value: "*"
{{- end }}
