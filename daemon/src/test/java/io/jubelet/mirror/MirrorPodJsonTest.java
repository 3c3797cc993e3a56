/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a static pod is in its mirror. */
class MirrorPodJsonTest {

    private static final Instant SEEN = Instant.parse("2026-01-01T10:00:00.123456789Z");
    private static final String TOLERATION = ",'tolerations':[{'operator':'Exists','effect':'NoExecute'}]";

    private static Node.Mapping mirror(Pod pod) {
        String json = MirrorPodJson.of(pod, "node-uid", SEEN);
        return (Node.Mapping) Documents.readJson(json, new Findings());
    }

    private static Node.Mapping mirrorOfSpec(String spec) {
        return mirror(StaticPods.pod(
                new PodName("default", "web"), "abc", Map.of(), Map.of(), "{\"spec\":" + quoted(spec) + "}"));
    }

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }

    private static String without(Node.Mapping mirror) {
        Node.Mapping annotations = (Node.Mapping) ((Node.Mapping) mirror.get("metadata")).get("annotations");
        return annotations.get(MirrorPodJson.WITHOUT) instanceof Node.Scalar scalar ? scalar.value() : "";
    }

    @Test
    void itsMetadataIsTheKubelets() {
        Pod pod = StaticPods.pod(
                new PodName("kube-system", "web"),
                "abc",
                Map.of("app", "web"),
                Map.of(
                        "note",
                        "mine",
                        "kubernetes.io/config.source",
                        "http",
                        "kubernetes.io/config.mirror",
                        "forged",
                        MirrorPodJson.WITHOUT,
                        "forged"),
                quoted("{'metadata':{'finalizers':['example.com/hold'],'generateName':'x'},'spec':{}}"));
        assertEquals(
                quoted("{'name':'web-node1','namespace':'kube-system','labels':{'app':'web'},'annotations':{"
                        + "'kubernetes.io/config.hash':'abc','kubernetes.io/config.mirror':'abc',"
                        + "'kubernetes.io/config.seen':'2026-01-01T10:00:00.123456789Z',"
                        + "'kubernetes.io/config.source':'file','note':'mine'},'ownerReferences':[{'apiVersion':'v1',"
                        + "'kind':'Node','name':'node1','uid':'node-uid','controller':true}]}"),
                JsonText.of(mirror(pod).get("metadata")));
    }

    @Test
    void itsSpecIsAsWrittenOnThisNode() {
        Node.Mapping mirror = mirrorOfSpec("{'nodeName':'other','hostNetwork':true,'containers':[{'name':'app','env':"
                + "[{'name':'A','value':'1'},{'name':'IP','valueFrom':{'fieldRef':{'fieldPath':'status.podIP'}}}]}],"
                + "'tolerations':[{'key':'a','operator':'Exists'}]}");
        assertEquals(
                quoted("{'hostNetwork':true,'containers':[{'name':'app','env':[{'name':'A','value':'1'},"
                        + "{'name':'IP','valueFrom':{'fieldRef':{'fieldPath':'status.podIP'}}}]}],'nodeName':'node1',"
                        + "'tolerations':[{'key':'a','operator':'Exists'},"
                        + "{'operator':'Exists','effect':'NoExecute'}]}"),
                JsonText.of(mirror.get("spec")));
        assertEquals("", without(mirror));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'imagePullSecrets':[{'name':'a'},{'name':'b'}]||image pull secret (Secret a), image pull secret (Secret b)",
                "'containers':[{'name':'app','env':[{'name':'A','valueFrom':{'secretKeyRef':{'name':'s','key':'k'}}},"
                        + "{'name':'B','value':'1'}]}]|'containers':[{'name':'app','env':[{'name':'B','value':'1'}]}],|"
                        + "env A of container app (Secret s)",
                "'initContainers':[{'name':'i','env':[{'name':'A','valueFrom':{'configMapKeyRef':{'name':'m','key':'k'}}}]}]"
                        + "|'initContainers':[{'name':'i','env':[]}],|env A of init container i (ConfigMap m)",
                "'containers':[{'name':'app','envFrom':[{'prefix':'P_','configMapRef':{'name':'m'}},"
                        + "{'secretRef':{'name':'s'}}]}]|'containers':[{'name':'app','envFrom':[]}],|"
                        + "envFrom of container app (ConfigMap m), envFrom of container app (Secret s)",
                "'volumes':[{'name':'v','configMap':{'name':'m'}},{'name':'h','hostPath':{'path':'/x'}}]"
                        + "|'volumes':[{'name':'v','emptyDir':{}},{'name':'h','hostPath':{'path':'/x'}}],|"
                        + "volume v (ConfigMap m)",
                "'volumes':[{'name':'v','secret':{'secretName':'s','defaultMode':256}}]"
                        + "|'volumes':[{'name':'v','emptyDir':{}}],|volume v (Secret s)",
                "'volumes':[{'name':'v','projected':{'defaultMode':256,'sources':[{'secret':{'name':'s'}},"
                        + "{'downwardAPI':{'items':[]}},{'configMap':{'name':'m'}}]}}]|'volumes':[{'name':'v','projected':"
                        + "{'defaultMode':256,'sources':[{'downwardAPI':{'items':[]}}]}}],|"
                        + "a part of volume v (Secret s), a part of volume v (ConfigMap m)",
                "'volumes':[{'name':'v','projected':{'sources':[{'secret':{'name':'s'}}]}}]"
                        + "|'volumes':[{'name':'v','emptyDir':{}}],|a part of volume v (Secret s)",
                "'priority':2000001000,'preemptionPolicy':'Never'||priority 2000001000, preemptionPolicy Never",
                "'priority':0,'preemptionPolicy':'PreemptLowerPriority','priorityClassName':''|'priorityClassName':'',|",
                "'priority':7,'priorityClassName':'own','preemptionPolicy':'Never'|'priorityClassName':'own',|",
                "'volumes':null,'containers':[{'name':'app','env':null}]"
                        + "|'volumes':null,'containers':[{'name':'app','env':null}],|",
            })
    void whatRefersToOtherObjectsIsLeftOutAndSaid(String written, String mirrored, String said) {
        Node.Mapping mirror = mirrorOfSpec("{" + written + "}");
        String expected = "{" + (mirrored == null ? "" : mirrored) + "'nodeName':'node1'" + TOLERATION + "}";
        assertEquals(quoted(expected), JsonText.of(mirror.get("spec")));
        assertEquals(said == null ? "" : said, without(mirror));
    }
}
