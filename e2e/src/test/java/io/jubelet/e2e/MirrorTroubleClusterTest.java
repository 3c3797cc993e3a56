/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.e2e.PodWatch.Event;
import io.jubelet.testing.Eventually;
import io.jubelet.testing.StallAdjustedTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A rejection by the API server affects only the mirror pod, is reported, and is retried until it succeeds. */
class MirrorTroubleClusterTest extends JoinedDaemon {

    private static String in(String namespace, String name) {
        return DaemonProcess.pod(name, DaemonProcess.sleeper())
                .replace("  name: " + name + "\n", "  name: " + name + "\n  namespace: " + namespace + "\n");
    }

    private static void makeNamespace(String name) throws IOException {
        cluster.create(
                "/api/v1/namespaces",
                "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"" + name + "\"}}");
    }

    private String awaitTold(String pod, String beginning) {
        daemon.await("describe to say " + beginning, () -> told(pod).startsWith(beginning));
        return told(pod);
    }

    /** In how many seconds; who asks seldom does not see each of them. */
    private static int nextTry(String told) {
        Matcher next = Pattern.compile("; next try in (\\d+)s").matcher(told);
        return next.find() ? Integer.parseInt(next.group(1)) : 0;
    }

    private long refusalEvents() {
        return daemon.cliQuietly("get", "events")
                .lines()
                .filter(line -> line.contains("FailedMirrorPod"))
                .count();
    }

    @Test
    void aMirrorComesWithinTwoSecondsOfItsNamespace() throws Exception {
        String namespace = "late-" + daemon.node;
        daemon.write("web.yaml", in(namespace, "web"));
        daemon.write("db.yaml", in(namespace, "db"));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        String told = awaitTold(namespace + "/web", "rejected: namespaces \"" + namespace + "\" not found; next try ");
        assertTrue(told.endsWith(" now") || told.endsWith(" in 1s"), told);
        daemon.await("both refusals to be told", () -> refusalEvents() == 2);
        daemon.holdsFor(
                "nothing comes",
                Duration.ofSeconds(5),
                () -> watch.events(_ -> true).isEmpty());
        assertEquals(2, refusalEvents());
        makeNamespace(namespace);
        StallAdjustedTime made = StallAdjustedTime.now();
        for (String name : new String[] {"web", "db"}) {
            assertPromised(made, awaitNext("ADDED", full(name), null));
        }
        assertUntouched("web", container);
        awaitTold(namespace + "/web", "created");
    }

    @Test
    void missingNamespaceIsRetriedOncePerSecond() throws Exception {
        String namespace = "never-" + daemon.node;
        try (FaultyApiServer counting = new FaultyApiServer(cluster)) {
            node.toJoinAt(counting.url());
            for (String name : new String[] {"a", "b", "c"}) {
                daemon.write(name + ".yaml", in(namespace, name));
            }
            daemon.start();
            for (String name : new String[] {"a", "b", "c"}) {
                awaitTold(namespace + "/" + name, "rejected");
            }
            // Not the events of the pods, which are asked for once, a moment later.
            Predicate<FaultyApiServer.Request> question =
                    r -> r.is("POST", "/api/v1/namespaces/" + namespace + "/pods");
            int first = counting.requests(question).size();
            daemon.await("the next question", () -> counting.requests(question).size() > first);
            daemon.await(
                    "four more",
                    Duration.ofSeconds(6),
                    () -> counting.requests(question).size() > first + 4);
            List<FaultyApiServer.Request> asked = counting.requests(question);
            for (int i = first + 1; i < asked.size(); i++) {
                Duration between =
                        Duration.between(asked.get(i - 1).time(), asked.get(i).time());
                assertTrue(between.toMillis() >= 900, () -> "asked again after " + between + ": " + asked);
            }
            assertTrue(watch.events(_ -> true).isEmpty());
        }
    }

    @Test
    void aQuotaIsTheMirrorsTroubleAndNotThePods() throws Exception {
        String namespace = "full-" + daemon.node;
        makeNamespace(namespace);
        String quota = "/api/v1/namespaces/" + namespace + "/resourcequotas";
        cluster.create(
                quota,
                "{\"apiVersion\": \"v1\", \"kind\": \"ResourceQuota\", \"metadata\": {\"name\": \"none\"},"
                        + " \"spec\": {\"hard\": {\"pods\": \"0\"}}}");
        cluster.patch(
                quota + "/none/status", "{\"status\": {\"hard\": {\"pods\": \"0\"}, \"used\": {\"pods\": \"0\"}}}");
        daemon.write("web.yaml", in(namespace, "web"));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        String told = awaitTold(namespace + "/web", "rejected: ");
        assertTrue(told.contains("exceeded quota: none"), told);
        assertTrue(told.contains("; next try "), told);
        daemon.await(
                "the JSON to say it, too",
                () -> daemon.get("/jubelet/v1/pods/" + namespace + "/web/describe")
                        .contains("\"mirror\":{\"state\":\"rejected\",\"message\":\"pods \\\"" + full("web")));
        daemon.await("the back-off to grow", () -> nextTry(told(namespace + "/web")) >= 3);
        assertEquals(1, refusalEvents());
        assertUntouched("web", container);
        cluster.delete(quota + "/none");
        awaitNext("ADDED", full("web"), null);
        awaitTold(namespace + "/web", "created");
        assertUntouched("web", container);
    }

    @Test
    void defaultsOfALimitRangeAreInTheMirrorAndNoEdit() throws Exception {
        String namespace = "ranged-" + daemon.node;
        makeNamespace(namespace);
        cluster.create(
                "/api/v1/namespaces/" + namespace + "/limitranges",
                "{\"apiVersion\": \"v1\", \"kind\": \"LimitRange\", \"metadata\": {\"name\": \"defaults\"},"
                        + " \"spec\": {\"limits\": [{\"type\": \"Container\", \"default\": {\"memory\": \"64Mi\"}}]}}");
        daemon.write("web.yaml", in(namespace, "web"));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        JsonObject mirror = cluster.awaitObject(
                path(namespace, full("web")),
                "to be ready",
                o -> o.status("Ready").equals("True"));
        assertEquals("64Mi", mirror.text("spec.containers[0].resources.limits.memory"));
        daemon.holdsFor(
                "the mirror stays",
                Duration.ofSeconds(2),
                () -> watch.events(event -> event.type().equals("DELETED")).isEmpty());
        assertUntouched("web", container);
    }

    @Test
    void anAdmissionPolicyIsTheMirrorsTroubleAndNotThePods() throws Exception {
        String policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
        String bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
        cluster.create(policies, """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: no-web}
            spec:
              matchConstraints:
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
              validations:
              - {expression: "!object.metadata.name.startsWith('policed')", message: "no such pods here"}
            """);
        cluster.create(bindings, """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: no-web}
            spec: {policyName: no-web, validationActions: [Deny]}
            """);
        Eventually.await("the policy to be in force", () -> isPoliced("policed-probe"));
        daemon.write("policed.yaml", DaemonProcess.pod("policed", DaemonProcess.sleeper()));
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("policed");
        String told = awaitTold("policed", "rejected: ");
        assertTrue(told.contains("no such pods here"), told);
        awaitReady("web");
        cluster.delete(bindings + "/no-web");
        awaitNext("ADDED", full("policed"), null);
        assertUntouched("policed", container);
        cluster.delete(policies + "/no-web");
    }

    @Test
    void aWebhookThatHangsHoldsUpOneMirrorAndNoOther() throws Exception {
        String webhooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
        try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            cluster.create(webhooks, """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingWebhookConfiguration
                metadata: {name: hanging}
                webhooks:
                - name: hanging.example.com
                  clientConfig: {url: "https://127.0.0.1:%s/"}
                  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
                  matchConditions:
                  - {name: hung, expression: "object.metadata.name.startsWith('hung')"}
                  failurePolicy: Fail
                  sideEffects: None
                  timeoutSeconds: 30
                  admissionReviewVersions: [v1]
                """.formatted(hanging.getLocalPort()));
            daemon.start();
            cluster.awaitObject("/api/v1/nodes/" + daemon.node, "to be there", _ -> true);
            daemon.write("hung.yaml", DaemonProcess.pod("hung", DaemonProcess.sleeper()));
            Container container = daemon.awaitRunning("hung");
            daemon.await("the webhook to hang", () -> told("hung").startsWith("pending: it is being created"));
            StallAdjustedTime before = StallAdjustedTime.now();
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            assertPromised(before, awaitNext("ADDED", full("web"), null));
            awaitTold("hung", "rejected: ");
            assertFalse(daemon.log().contains("pods keep running without it"), daemon::log);
            cluster.delete(webhooks + "/hanging");
            awaitReady("hung");
            assertUntouched("hung", container);
        }
    }

    private static boolean isPoliced(String name) {
        try {
            return cluster.admin(
                                    "POST",
                                    "/api/v1/namespaces/default/pods?dryRun=All",
                                    "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"" + name
                                            + "\"}, \"spec\": {\"containers\": [{\"name\": \"a\", \"image\": \"a\"}]}}")
                            .code()
                    == 422;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void refusalsOfAllKindsAreTriedAgain() throws Exception {
        try (FaultyApiServer faulty = new FaultyApiServer(cluster)) {
            node.toJoinAt(faulty.url());
            faulty.fail(1, ApiFault.forbidden(), r -> r.is("POST", "/api/v1/namespaces/default/pods"));
            faulty.fail(1, ApiFault.conflict(), r -> r.is("POST", "/api/v1/namespaces/default/pods"));
            faulty.fail(1, ApiFault.internalError(), r -> r.is("POST", "/api/v1/namespaces/default/pods"));
            faulty.fail(
                    1,
                    ApiFault.status(422, "Invalid", "invalid by the test"),
                    r -> r.path().contains("/status?"));
            faulty.fail(
                    1,
                    ApiFault.tooManyRequests(Duration.ofSeconds(2)),
                    r -> r.path().contains("/status?"));
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.start();
            Container container = daemon.awaitRunning("web");
            awaitReady("web");
            assertUntouched("web", container);
            awaitTold("web", "created");
        }
    }

    @Test
    void aPodOfTheClusterKeepsItsName() throws Exception {
        String name = full("web");
        cluster.create("/api/v1/namespaces/default/pods", ForeignPodsClusterTest.pod(name, daemon.node));
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        awaitTold("web", "rejected: the name default/" + name + " belongs to a pod of the cluster");
        assertFalse(watch.events(event -> event.is("ADDED", name)).isEmpty());
        assertTrue(watch.events(event -> event.type().equals("DELETED")).isEmpty());
        node.force(path("default", name));
        Event gone = awaitNext("DELETED", name, null);
        assertPromised(gone, awaitNext("ADDED", name, gone));
        assertUntouched("web", container);
    }
}
