/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Finding;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.Volume;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodParserTest {

    private static ManifestFile parse(String text) {
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1");
    }

    private static Pod only(String text) {
        ManifestFile file = parse(text);
        assertEquals(List.of(), file.errors());
        assertEquals(1, file.pods().size());
        return file.pods().getFirst();
    }

    @Test
    void parsesAllHonouredFields() {
        Pod pod = only("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  namespace: prod
                  labels: {app: web}
                  annotations: {note: "hello"}
                spec:
                  restartPolicy: OnFailure
                  terminationGracePeriodSeconds: 7
                  hostNetwork: true
                  containers:
                  - name: app
                    image: registry.example:5000/web@sha256:0123
                    command: [/bin/app]
                    args: ["-v", "$(LEVEL)"]
                    workingDir: /srv
                    env: [{name: LEVEL, value: "3"}, {name: EMPTY}]
                    ports: [{name: http, containerPort: 8080}]
                    resources: {requests: {cpu: 0.1}, limits: {cpu: 500m, memory: 64Mi}}
                    volumeMounts:
                    - {name: data, mountPath: /data, readOnly: true}
                    - {name: tmp, mountPath: /tmp}
                  volumes:
                  - {name: data, hostPath: {path: /srv/data, type: Directory}}
                  - {name: tmp, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
                  - {name: none}
                """);
        assertEquals("prod/web", pod.name().toString());
        assertEquals("web-node1", pod.fullName());
        assertEquals(Map.of("app", "web"), pod.labels());
        assertEquals(Map.of("note", "hello"), pod.annotations());
        assertEquals(RestartPolicy.OnFailure, pod.spec().restartPolicy());
        assertEquals(Duration.ofSeconds(7), pod.spec().terminationGracePeriod());
        assertTrue(pod.spec().hostNetwork());
        ContainerSpec app = pod.spec().containers().getFirst();
        assertEquals(ImagePullPolicy.IfNotPresent, app.containerImage().pullPolicy());
        assertEquals(List.of("-v", "$(LEVEL)"), app.process().args());
        assertEquals(new EnvVar.Literal(""), app.env().get(1).source());
        assertEquals(8080, app.ports().getFirst().hostPort());
        assertEquals("0.1", app.resources().requests().get("cpu").text());
        assertEquals("64Mi", app.resources().requests().get("memory").text());
        assertTrue(app.volumeMounts().getFirst().readOnly());
        assertEquals(
                new Volume.HostPath("data", "/srv/data", Volume.HostPathType.Directory),
                pod.spec().volumes().getFirst());
        assertEquals(
                Volume.Medium.MEMORY, ((Volume.EmptyDir) pod.spec().volumes().get(1)).medium());
        assertEquals(Volume.Medium.DISK, ((Volume.EmptyDir) pod.spec().volumes().get(2)).medium());
    }

    @Test
    void appliesDefaults() {
        Pod pod = only(PodTexts.pod("web", "busybox"));
        assertEquals("default/web", pod.name().toString());
        assertEquals(RestartPolicy.Always, pod.spec().restartPolicy());
        assertEquals(Duration.ofSeconds(30), pod.spec().terminationGracePeriod());
        assertEquals(
                ImagePullPolicy.Always,
                pod.spec().containers().getFirst().containerImage().pullPolicy());
    }

    @ParameterizedTest
    @CsvSource({
        "busybox, Always",
        "busybox:latest, Always",
        "busybox:1.36, IfNotPresent",
        "host:5000/busybox, Always",
        "host:5000/busybox:1, IfNotPresent",
        "busybox@sha256:00, IfNotPresent",
        "busybox:latest@sha256:00, IfNotPresent",
        "busybox:latest@sha256:0000000000000000000000000000000000000000000000000000000000000000, Always",
        "Busybox, IfNotPresent",
        "UP.example/busybox, Always"
    })
    void pullPolicyDefaultsByTag(String image, ImagePullPolicy policy) {
        assertEquals(policy, ContainerParser.defaultPullPolicy(image));
    }

    /** A line is put into a pod at the named place; the first finding must begin and go on as told. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    metadata  | labls: {a: b}                    | 4:3: metadata.labls: metadata has no field "labls"; did you mean "labels"?
                    metadata  | namespace: A_b                   | metadata.namespace: "A_b" is not a DNS label
                    metadata  | labels: {"a b": c}               | "a b" is not a key
                    metadata  | labels: {a: "b c"}               | "b c" cannot be the value of a label
                    metadata  | labels: {a: 1}                   | without quotes is the number 1; write it in quotes: "1"
                    metadata  | labels: [a]                      | must be a mapping
                    metadata  | annotations: {kubernetes.io/config.mirror: x} | leave it out
                    spec      | serviceAccountName: x            | a static pod cannot use a service account
                    spec      | imagePullSecrets: [{nam: x}]     | did you mean "name"?
                    spec      | imagePullSecrets: {name: x}      | must be a list
                    spec      | initContainers: [{name: x}]      | spec.initContainers[0].image: is required
                    spec      | initContainers: [{name: app, image: x}] | initContainers[0].name: another container of this pod is already named "app"
                    spec      | initContainers: [{name: a, image: x, lifecycle: {}}] | with "restartPolicy: Always" the container is a sidecar
                    spec      | activeDeadlineSeconds: 0         | 5:26: spec.activeDeadlineSeconds: must be 1 or more
                    spec      | activeDeadlineSeconds: 2147483648 | must be from 1 to 2147483647
                    spec      | nodeName: Node_1                 | is not a DNS name
                    spec      | priorityClassName: Mine          | is not a DNS name
                    spec      | os: {name: windows}              | must be linux, which this node runs, but is "windows"
                    spec      | tolerations: [{key: a, operator: Exists, value: b}] | must be left out when the operator is Exists
                    spec      | tolerations: [{effect: NoExecute}] | operator: must be Exists when there is no key
                    spec      | tolerations: [{operator: Exists, tolerationSeconds: 1}] | effect: must be NoExecute
                    spec      | topologySpreadConstraints: [{topologyKey: z}] | maxSkew: is required
                    spec      | preemptionPolicy: Sometimes      | must be one of PreemptLowerPriority, Never
                    spec      | dnsPolicy: None                  | dnsConfig: is required with dnsPolicy None
                    spec      | restartPolicy: Allways           | did you mean "Always"?
                    spec      | hostNetwork: "true"              | must be true or false, without quotes
                    spec      | terminationGracePeriodSeconds: -1 | must be 0 or more
                    spec      | terminationGracePeriodSeconds: x | must be a whole number
                    spec      | volumes: {name: x}               | must be a list
                    spec      | volumes: [{name: x, configMap: {nam: web}}] | has no field "nam"; did you mean "name"?
                    spec      | volumes: [{name: x, nfs: {server: y}}]     | is not mounted by Jubelet. Mount it on the node
                    spec      | volumes: [{name: x, secret: {}}]           | secret.secretName: is required
                    spec      | volumes: [{name: x, hostPath: {path: /a, type: UNSET}}] | hostPath.type: must be one of DirectoryOrCreate
                    spec      | volumes: [{name: x, hostPath: {path: /a/../b}}] | must not contain ".."
                    spec      | volumes: [{name: x, hostPath: {path: "/a\\0"}}] | must not contain the control character U+0000
                    spec      | volumes: [{name: x, hostPath: {path: "/a\\ud800b"}}] | contains a character that no path on Linux can have
                    spec      | volumes: [{name: x, configMap: {name: m, items: [{key: k, path: "a\\0"}]}}] | must not contain the control character U+0000
                    container | volumeMounts: [{name: x, mountPath: "/a\\0"}] | must not contain the control character U+0000
                    container | volumeMounts: [{name: x, mountPath: /a, subPath: "a\\0"}] | must not contain the control character U+0000
                    spec      | volumes: [{name: x, hostPath: {path: a}}]  | must be absolute
                    spec      | volumes: [{name: x}, {name: x}]  | already named "x"
                    spec      | volumes: [{name: x, emptyDir: {sizeLimit: 1x}}] | is not a quantity
                    container | imagePullPolicy: always          | did you mean "Always"?
                    container | livenessProbe: {}                | livenessProbe: must have a handler
                    container | livenessProbe: {exec: {command: []}} | 8:37: spec.containers[0].livenessProbe.exec.command: is required
                    container | livenessProbe: {exec: {command: [x]}, tcpSocket: {port: 1}} | must have only one handler
                    container | livenessProbe: {exec: {command: [x]}, successThreshold: 2} | must be 1 except in a readinessProbe
                    container | readinessProbe: {exec: {command: [x]}, terminationGracePeriodSeconds: 2} | which stops no container
                    container | livenessProbe: {httpGet: {port: HTTP}} | is not a port name
                    container | livenessProbe: {httpGet: {port: 1, httpHeaders: [{name: a_b}]}} | is not the name of a header
                    container | livenessProbe: {grpc: {}}        | grpc.port: is required
                    container | lifecycle: {preStop: {sleep: {seconds: 31}}} | must not be longer than terminationGracePeriodSeconds, which is 30
                    container | lifecycle: {stopSignal: USR1}    | must be a signal such as SIGTERM
                    container | restartPolicy: ""                | restartPolicy: must not be empty
                    container | restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}] | restartPolicy: is required beside
                    container | envFrom: [{secretRef: {nam: x}}] | has no field "nam"; did you mean "name"?
                    spec      | volumes: [{name: x, projected: {sources: [{serviceAccountToken: {path: x}}]}}] | the token of a service account
                    spec      | volumes: [{name: x, configMap: {name: web, items: [{key: a, path: ../b}]}}] | must not start with ".." or contain it as a path element
                    spec      | volumes: [{name: x, secret: {secretName: web, items: [{key: a, path: /b}]}}] | must be relative to the root of the volume
                    container | securityContext: {privileged: 1} | securityContext.privileged: must be true or false
                    container | securityContext: {privileged: true, allowPrivilegeEscalation: false} | 8:67: spec.containers[0].securityContext.allowPrivilegeEscalation: cannot be false with "privileged: true"
                    container | securityContext: {capabilities: {drop: [ALLL]}} | 8:45: spec.containers[0].securityContext.capabilities.drop[0]: "ALLL" is not a Linux capability; did you mean "ALL"?
                    container | securityContext: {capabilities: {add: [CAP_CHOWN]}} | must be written without its prefix, as CHOWN
                    container | securityContext: {procMount: Unmasked} | only with "hostUsers: false"
                    container | securityContext: {seccompProfile: {}} | seccompProfile.type: is required
                    container | securityContext: {seccompProfile: {type: Localhost}} | localhostProfile: is required; write for example "localhostProfile: profiles/audit.json"
                    container | securityContext: {seccompProfile: {type: Localhost, localhostProfile: ""}} | localhostProfile: must not be empty
                    container | securityContext: {seccompProfile: {type: Localhost, localhostProfile: a/../../b}} | must not contain ".."
                    container | securityContext: {seccompProfile: {type: Localhost, localhostProfile: /a}} | must be relative to the directory of seccomp profiles
                    container | securityContext: {seccompProfile: {type: Unconfined, localhostProfile: a}} | can be set only with "type: Localhost"
                    container | securityContext: {windowsOptions: {runAsUserName: x}} | must be left out because this node runs Linux
                    spec      | securityContext: {runAsUser: 2147483648} | must be from 0 to 2147483647
                    spec      | securityContext: {supplementalGroups: [1, x]} | supplementalGroups[1]: must be a group id
                    spec      | securityContext: {supplementalGroupsPolicy: strict} | did you mean "Strict"?
                    spec      | securityContext: {sysctls: [{name: Net.x}]} | is not the name of a sysctl
                    spec      | securityContext: {sysctls: [{name: net/ipv4/x, value: a}, {name: net.ipv4.x}]} | sysctls[1].name: is set twice
                    spec      | runtimeClassName: Kata           | is not a DNS name
                    container | args: [1]                        | args[0]: must be a string
                    container | args: x                          | must be a list
                    container | env: [{name: A, value: yes}]     | write it in quotes: "yes"
                    container | env: [{name: "A=B"}]             | is not the name of a variable
                    container | env: [{value: x}]                | env[0].name: is required
                    container | env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.nam}}}] | did you mean "metadata.name"?
                    container | env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}] | metadata.labels['KEY'] and
                    container | env: [{name: A, valueFrom: {fieldRef: {fieldPath: x}}}] | 8:55: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: must be one of metadata.name
                    container | env: [{name: A, valueFrom: {}}]  | must have one of fieldRef, resourceFieldRef, configMapKeyRef
                    container | env: [{name: A, valueFrom: {resourceFieldRef: {resource: cpu}}}] | must be one of limits.cpu
                    container | env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 2}}}] | must be one of 1m, 1, but is 2
                    container | env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: K}}}] | spec.volumes has no volume "v"
                    container | ports: [{containerPort: 70000}]  | from 1 to 65535
                    container | ports: [{name: http}]            | containerPort: is required
                    container | ports: [{containerPort: 1, hostPort: 1, hostIP: x}] | hostIP: "x" is not an IP address
                    container | ports: [{containerPort: 1, name: HTTP}]  | is not a port name
                    container | ports: [{containerPort: 1, protocol: tcp}] | did you mean "TCP"?
                    container | resources: {requests: {cpu: 2}, limits: {cpu: 1}} | must not be more than the limit
                    container | resources: {limits: {memroy: 1}} | did you mean "memory"?
                    container | resources: {limits: {cpu: -1}}   | must not be negative
                    container | resources: {limits: {nvidia.com/gpu: 1}} | because it runs no device plugins
                    container | volumeMounts: [{name: x, mountPath: /x}] | spec.volumes has no volume "x"
                    container | image: other                     | this key is already set at 7:5
                    """)
    void reportsInvalidFields(String place, String line, String message) {
        List<Finding> errors = parse(PodTexts.with(place, line)).errors();
        assertTrue(errors.stream().anyMatch(problem -> problem.toString().contains(message)), () -> errors.toString());
        assertTrue(errors.stream().allMatch(problem -> problem.line() > 0), () -> errors.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    metadata  | uid: x                     | derives the uid
                    metadata  | ownerReferences: [{}]      | is ignored
                    spec      | nodeName: elsewhere        | this pod runs on "node1"
                    spec      | priority: 7                | has no effect without a class
                    container | env: [{name: A}, {name: A}] | A is set twice; the last value is used
                    """)
    void warnsOfIgnoredFields(String place, String line, String message) {
        ManifestFile file = parse(PodTexts.with(place, line));
        assertEquals(List.of(), file.errors());
        assertTrue(
                file.warnings().toString().contains(message),
                () -> file.warnings().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    metadata  | creationTimestamp: null
                    metadata  | resourceVersion: "12"
                    spec      | securityContext: {}
                    spec      | initContainers: []
                    spec      | dnsPolicy: ClusterFirst
                    spec      | schedulerName: default-scheduler
                    spec      | tolerations: [{operator: Exists}]
                    spec      | enableServiceLinks: true
                    spec      | hostPID: false
                    container | terminationMessagePath: /dev/termination-log
                    container | tty: false
                    container | resources: {}
                    """)
    void acceptsFieldsWithoutEffect(String place, String line) {
        ManifestFile file = parse(PodTexts.with(place, line));
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
    }

    /** The manifests of kubeadm have both. */
    @Test
    void acceptsThePriorityOfAClass() {
        ManifestFile file =
                parse(PodTexts.with("spec", "priority: 2000001000\n  priorityClassName: system-node-critical"));
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
    }

    @ParameterizedTest
    @CsvSource({
        "Deployment, spec.template",
        "DaemonSet, each node",
        "CronJob, systemd timer",
        "PodList, write its items as separate documents",
        "Service, hostNetwork",
        "Pods, kind: Pod",
        "configmap, kind: ConfigMap",
        "Secrets, kind: Secret",
        "Frobnicator, but is Frobnicator; move it out of the manifest directory"
    })
    void explainsUnsupportedKinds(String kind, String message) {
        List<Finding> errors = parse("apiVersion: v1\nkind: " + kind + "\n").errors();
        assertEquals(1, errors.size());
        assertEquals(2, errors.getFirst().line());
        assertTrue(errors.getFirst().message().contains(message), () -> errors.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    hello                      | must be a mapping that begins with "apiVersion: v1", but is the string "hello"
                    metadata: {name: x}        | kind: is required; write "kind: Pod"
                    kind: Pod                  | apiVersion: is required; write "apiVersion: v1"
                    {kind: Pod, apiVersion: v2} | must be v1 for a Pod, but is "v2"
                    {apiversion: v1, kind: Pod} | instead of "apiversion"
                    {apiVersion: v1, kind: Pod} | metadata: is required
                    {apiVersion: v1, kind: Pod, metadata: {}, spec: {}} | metadata.name: is required
                    {apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {}} | spec.containers: must have at least one container
                    # nothing                  | contains no document
                    """)
    void reportsMissingFields(String text, String message) {
        List<Finding> errors = parse(text).errors();
        assertTrue(errors.stream().anyMatch(problem -> problem.toString().contains(message)), () -> errors.toString());
    }

    @Test
    void reportsAllErrorsInOrder() {
        List<Finding> errors = parse("""
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: Web}
                        spec:
                          restartPolcy: Never
                          containers:
                          - name: app
                          - image: x
                        ---
                        apiVersion: v1
                        kind: Deployment
                        """).errors();
        assertEquals(List.of(3, 5, 7, 8, 11), errors.stream().map(Finding::line).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    image:      | imge:       | spec.containers[0].imge: a container has no field "imge"; did you mean "image"?
                    containers: | contianers: | spec.contianers: spec has no field "contianers"; did you mean "containers"?
                    metadata:   | metdata:    | metdata: a Pod has no field "metdata"; did you mean "metadata"?
                    """)
    void misspeltFieldIsNotReportedMissing(String right, String wrong, String message) {
        List<Finding> errors = parse(PodTexts.pod("web", "busybox:1").replaceFirst(right, wrong))
                .errors();
        assertEquals(1, errors.size(), () -> errors.toString());
        assertTrue(errors.getFirst().toString().endsWith(message), () -> errors.toString());
    }

    @Test
    void refusesTwoPodsWithOneName() {
        ManifestFile file = parse(PodTexts.pod("a", "one") + "---\n" + PodTexts.pod("a", "two"));
        assertTrue(file.errors().getFirst().message().contains("already in this file, at line 3"));
        assertEquals(List.of(), file.pods());
    }

    @Test
    void nameWithNodeNameHasMaximumLength() {
        String name = "a".repeat(60) + ("." + "b".repeat(60)).repeat(3);
        assertEquals(List.of(), parse(PodTexts.pod(name, "x")).errors());
        List<Finding> errors = parse(PodTexts.pod(name + ".ccccc", "x")).errors();
        assertTrue(errors.getFirst().message().contains("255 characters"), () -> errors.toString());
    }

    @Test
    void refusesRepeatedHostPorts() {
        List<Finding> errors = parse(PodTexts.with(
                                "container",
                                "ports: [{containerPort: 80}, {containerPort: 80}, {containerPort: 80, protocol: UDP}]")
                        .replace("spec:", "spec:\n  hostNetwork: true"))
                .errors();
        assertEquals(1, errors.size());
        assertTrue(errors.getFirst().message().contains("80/TCP of the node is already taken"));
    }

    @Test
    void jsonAndYamlAreEquivalent() {
        Pod yaml = only(PodTexts.pod("web", "busybox:1"));
        Pod json = only("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\"},"
                + "\"spec\":{\"containers\":[{\"name\":\"app\",\"image\":\"busybox:1\"}]}}");
        assertEquals(yaml, json);
    }
}
