{{- define "penstock.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "penstock.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "penstock.labels" -}}
{{ include "penstock.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "penstock.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "penstock.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- /* The file of settings. Where the server listens, and how it goes down, belongs to the pod. */ -}}
{{- define "penstock.config" -}}
{{- $pod := dict "host" "0.0.0.0" "port" 8000 "admin-address" (printf "0.0.0.0:%d" (int .Values.adminPort)) "drain-delay" .Values.drain.delaySeconds "drain-timeout" .Values.drain.timeoutSeconds -}}
{{- if .Values.grpcPort }}{{ $_ := set $pod "grpc-address" (printf "0.0.0.0:%d" (int .Values.grpcPort)) }}{{ end -}}
{{- if .Values.tls.existingSecret }}{{ $_ := set $pod "tls-certificate" "/etc/penstock-tls/tls.crt" }}{{ $_ := set $pod "tls-key" "/etc/penstock-tls/tls.key" }}{{ end -}}
{{- if .Values.apiKeys.existingSecret }}{{ $_ := set $pod "api-keys" (printf "/etc/penstock-keys/%s" .Values.apiKeys.file) }}{{ end -}}
{{- toYaml (merge $pod .Values.config (dict "models" .Values.models)) -}}
{{- end }}
