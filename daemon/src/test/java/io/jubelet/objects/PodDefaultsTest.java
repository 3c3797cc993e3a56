/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.JsonText;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.pod.Quantity;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the spec that is served. {@code ApiServerOracleTest} compares many more pods with a real API server. */
class PodDefaultsTest {

    private static String served(String manifest) {
        ManifestFile file =
                ManifestFile.parse(manifest.getBytes(StandardCharsets.UTF_8), "/etc/kubernetes/manifests/a.yaml", "n");
        return JsonText.of(PodDefaults.spec(file.pods().getFirst(), "n"));
    }

    @Test
    void smallestPodGetsEveryDefault() {
        assertEquals("""
                {"containers":[{"name":"c","image":"busybox","imagePullPolicy":"Always","resources":{},\
                "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],\
                "dnsPolicy":"ClusterFirst","enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority",\
                "restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},\
                "terminationGracePeriodSeconds":30,"priority":0,\
                "tolerations":[{"operator":"Exists","effect":"NoExecute"}],"nodeName":"n"}""", served("""
                {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: busybox}]}}
                """));
    }

    @Test
    void whatIsWrittenStaysUnlessItMeansNothing() {
        assertEquals("""
                {"priorityClassName":"system-node-critical","hostNetwork":true,"tolerations":[{"key":"a"},\
                {"operator":"Exists","effect":"NoExecute"}],"terminationGracePeriodSeconds":0,\
                "containers":[{"name":"c","image":"busybox:1","ports":[{"containerPort":80,"protocol":"TCP","hostPort":80}],\
                "resources":{"limits":{"memory":"1Gi"},"requests":{"memory":"1Gi"}},\
                "livenessProbe":{"grpc":{"port":9,"service":""},"periodSeconds":5,"timeoutSeconds":1,"successThreshold":1,\
                "failureThreshold":3},"imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log",\
                "terminationMessagePolicy":"File"}],"volumes":[{"name":"v","emptyDir":{}}],"dnsPolicy":"ClusterFirst",\
                "enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority","restartPolicy":"Always",\
                "schedulerName":"default-scheduler","securityContext":{},"priority":2000001000,"nodeName":"n"}""", served("""
                apiVersion: v1
                kind: Pod
                metadata: {name: a}
                spec:
                  priorityClassName: system-node-critical
                  hostNetwork: true
                  hostPID: false
                  nodeSelector: {}
                  tolerations: [{key: a, operator: ""}]
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: c
                    image: busybox:1
                    command: []
                    ports: [{containerPort: 80, hostPort: 0}]
                    resources: {limits: {memory: 1024Mi}}
                    livenessProbe: {grpc: {port: 9}, periodSeconds: 5, initialDelaySeconds: 0}
                  volumes: [{name: v}]
                """));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.5, 500m",
        "1000m, 1",
        "1500m, 1500m",
        "1e3, 1e3",
        "128000e3, 128e6",
        "1024Mi, 1Gi",
        "1.5Gi, 1536Mi",
        "1000Ki, 1000Ki",
        "512, 512",
        "0.5Ki, 512",
        "100000000, 100M",
        "123456789, 123456789",
        "-2000, -2k",
        "0.0000000001, 1n",
        "5000P, 5E",
        "1Ei, 1Ei",
    })
    void quantitiesAreCanonical(String written, String served) {
        assertEquals(served, Quantity.parse(written).canonical());
    }
}
