{{/* Labels, the pod's frame, and the environment: what all pods have in common. */}}

{{- define "waymark.labels" -}}
app.kubernetes.io/name: waymark
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "waymark.allLabels" -}}
{{ include "waymark.labels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "waymark.image" -}}
{{- $repository := ternary .root.Values.nlpImage.repository .root.Values.image.repository (default false .nlp) -}}
{{ printf "%s:%s" $repository (default .root.Chart.AppVersion .root.Values.image.tag) }}
{{- end }}

{{- define "waymark.environment" -}}
{{- range $name, $value := .root.Values.settings }}
{{- if ne (toString $value) "" }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
- name: METRICS_PORT
  value: "9000"
{{- range $service, $_ := .root.Values.services }}
- name: {{ upper $service }}_URL
  value: http://{{ $.root.Release.Name }}-{{ $service }}:8000
{{- end }}
{{- end }}

{{/* A container that runs one `waymark` command: {root, nlp, args, resources}. */}}
{{- define "waymark.container" -}}
name: waymark
image: {{ include "waymark.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: {{ toJson .args }}
env:
  {{- include "waymark.environment" . | nindent 2 }}
envFrom:
  - secretRef: {name: {{ .root.Values.existingSecret }}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: data, mountPath: /data}
{{- with .resources }}
resources: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What surrounds it in the pod's spec. */}}
{{- define "waymark.podFrame" -}}
automountServiceAccountToken: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
volumes:
  - {name: tmp, emptyDir: {}}
  - {name: data, emptyDir: {}}
{{- end }}

{{/* A Deployment: {root, component, args, nlp, replicas, resources, scaled}. */}}
{{- define "waymark.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels: {{ include "waymark.allLabels" . | nindent 4 }}
spec:
  {{- if not .scaled }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels: {{ include "waymark.labels" . | nindent 6 }}
  strategy:
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    metadata:
      labels: {{ include "waymark.allLabels" . | nindent 8 }}
    spec:
      {{- include "waymark.podFrame" . | nindent 6 }}
      terminationGracePeriodSeconds: 45
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{ include "waymark.labels" . | nindent 14 }}
      containers:
        - {{- include "waymark.container" . | nindent 10 }}
          ports:
            - {name: http, containerPort: 8000}
            - {name: metrics, containerPort: 9000}
          startupProbe:
            httpGet: {path: /health/live, port: http}
            periodSeconds: 2
            failureThreshold: 60
          livenessProbe:
            httpGet: {path: /health/live, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: {path: /health/ready, port: http}
            periodSeconds: 5
            timeoutSeconds: 5
          lifecycle:
            # Until every proxy has heard that this pod goes, it goes on answering.
            preStop: {exec: {command: [sleep, "6"]}}
{{- end }}

{{/* Scaling by CPU: {root, component, autoscaling}. */}}
{{- define "waymark.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels: {{ include "waymark.allLabels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ .root.Release.Name }}-{{ .component }}
  minReplicas: {{ .autoscaling.minReplicas }}
  maxReplicas: {{ .autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .autoscaling.cpu }}}
{{- end }}

{{- define "waymark.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels: {{ include "waymark.allLabels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .root.Values.podDisruptionBudget.maxUnavailable }}
  selector:
    matchLabels: {{ include "waymark.labels" . | nindent 6 }}
{{- end }}

{{- define "waymark.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels: {{ include "waymark.allLabels" . | nindent 4 }}
spec:
  type: {{ default "ClusterIP" .type }}
  selector: {{ include "waymark.labels" . | nindent 4 }}
  ports:
    - {name: http, port: {{ default 8000 .port }}, targetPort: http}
{{- end }}
