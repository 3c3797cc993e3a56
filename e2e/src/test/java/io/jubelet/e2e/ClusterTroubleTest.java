/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.testing.StallAdjustedTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults between the daemon and an API server: pods keep running, and the cluster gets the current state afterwards. */
class ClusterTroubleTest extends InCluster {

    /** So soon the cluster knows everything after an outage; the reference kubelet takes up to a minute. */
    private static final Duration RIGHT_AGAIN = Duration.ofSeconds(5);

    private static String steady(String name) {
        return DaemonProcess.pod(name, DaemonProcess.sleeper());
    }

    /** Everything that the cluster knows of this node is true, and fresh. */
    private void awaitRight(Duration atMost, String... pods) {
        Instant from = Instant.now();
        node.awaitReady(atMost);
        node.awaitRenewed(atMost, from.minusSeconds(1));
        for (String pod : pods) {
            node.awaitMirror(pod, atMost, JoiningNode::isRunning);
        }
    }

    static Stream<ApiServerProxy.Mode> networks() {
        return Stream.of(
                new ApiServerProxy.Mode.Refuse(),
                new ApiServerProxy.Mode.Reset(),
                new ApiServerProxy.Mode.Hang(),
                new ApiServerProxy.Mode.Delay(Duration.ofMillis(300)));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void podsDoNotNoticeTheNetworkAndTheClusterIsRightSoonAfterwards(ApiServerProxy.Mode trouble) throws Exception {
        ApiServerProxy proxy =
                closedAfterwards(new ApiServerProxy(cluster.apiServer().port()));
        node.joinAt(proxy.url());
        daemon.write("web.yaml", steady("web"));
        Container web = daemon.awaitRunning("web");
        awaitRight(DaemonProcess.SOON, "web");
        proxy.to(trouble);
        // Long enough for hanging requests to time out and for the check of the API server to finish.
        boolean hangs = trouble instanceof ApiServerProxy.Mode.Hang;
        daemon.holdsFor(
                "web to run on",
                Duration.ofSeconds(hangs ? 20 : 6),
                () -> daemon.running("web").stream().anyMatch(c -> c.id().equals(web.id())));
        daemon.write("during.yaml", steady("during"));
        Container during = daemon.awaitRunning("during");
        daemon.crash(during);
        daemon.awaitReplaced("during", during);
        if (!(trouble instanceof ApiServerProxy.Mode.Delay)) {
            node.awaitLog("pods keep running without it");
        }
        proxy.pass();
        awaitRight(RIGHT_AGAIN, "web");
        // Where the network was only slow, its mirror may be there already and tell of the time before the crash.
        node.awaitMirror(
                "during",
                RIGHT_AGAIN,
                told -> JoiningNode.isRunning(told)
                        && JoiningNode.restarts(told).equals("1"));
        assertEquals("0", JoiningNode.restarts(cluster.get(node.mirror("web"))));
        assertEquals(web.id(), daemon.awaitRunning("web").id());
    }

    /** A kind of request, and the fault of a number of them. */
    record Trouble(String what, int times, ApiFault fault, Predicate<FaultyApiServer.Request> which) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static boolean isStatusOfNode(FaultyApiServer.Request request) {
        return request.method().equals("PATCH") && request.path().matches("/api/v1/nodes/.*/status");
    }

    private static boolean isLease(FaultyApiServer.Request request) {
        return request.path().contains("/leases") && !request.method().equals("GET");
    }

    static Stream<Trouble> troubles() {
        Predicate<FaultyApiServer.Request> creation = request -> request.is("POST", "/api/v1/namespaces/default/pods");
        Predicate<FaultyApiServer.Request> watch = FaultyApiServer.Request::isWatch;
        return Stream.of(
                new Trouble(
                        "the node cannot be made at first",
                        3,
                        ApiFault.forbidden(),
                        r -> r.is("POST", "/api/v1/nodes")),
                new Trouble(
                        "the answer on the node's making is lost",
                        1,
                        new ApiFault.Lost(),
                        r -> r.is("POST", "/api/v1/nodes")),
                new Trouble(
                        "errors on the status of the node",
                        3,
                        ApiFault.internalError(),
                        ClusterTroubleTest::isStatusOfNode),
                new Trouble(
                        "conflicts on the status of the node",
                        3,
                        ApiFault.conflict(),
                        ClusterTroubleTest::isStatusOfNode),
                new Trouble("conflicts on the lease", 3, ApiFault.conflict(), ClusterTroubleTest::isLease),
                new Trouble("the lease is refused for a while", 4, ApiFault.forbidden(), ClusterTroubleTest::isLease),
                new Trouble(
                        "the lease is to come later",
                        2,
                        ApiFault.tooManyRequests(Duration.ofSeconds(1)),
                        ClusterTroubleTest::isLease),
                new Trouble("mirrors are to come later", 2, ApiFault.tooManyRequests(Duration.ofSeconds(1)), creation),
                new Trouble("errors on mirrors", 2, ApiFault.internalError(), creation),
                new Trouble("the answer on a mirror is lost", 1, new ApiFault.Lost(), creation),
                new Trouble("watches begin with: gone", 4, ApiFault.watchGone(), watch),
                new Trouble("watches are refused as gone", 4, ApiFault.gone(), watch),
                new Trouble(
                        "answers are empty", 4, ApiFault.empty(), r -> !r.path().equals("/readyz")),
                new Trouble("everything is an error", 20, ApiFault.internalError(), _ -> true),
                new Trouble(
                        "everything is forbidden",
                        6,
                        ApiFault.forbidden(),
                        r -> !r.path().equals("/readyz")));
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void whatIsRefusedOnceIsRightSoon(Trouble trouble) throws Exception {
        FaultyApiServer faulty = closedAfterwards(new FaultyApiServer(cluster));
        faulty.fail(trouble.times(), trouble.fault(), trouble.which());
        node.joinAt(faulty.url());
        daemon.write("web.yaml", steady("web"));
        Container web = daemon.awaitRunning("web");
        awaitRight(Duration.ofSeconds(30), "web");
        assertEquals("0", JoiningNode.restarts(cluster.get(node.mirror("web"))));
        assertEquals(web.id(), daemon.awaitRunning("web").id());
        Instant from = Instant.now();
        // Without faults there are few requests: no loop spins.
        daemon.holdsFor(
                "web to run on",
                Duration.ofSeconds(4),
                () -> !daemon.running("web").isEmpty());
        List<FaultyApiServer.Request> afterwards = faulty.requests(r -> r.time().isAfter(from.plusSeconds(1)));
        assertTrue(afterwards.size() < 20, () -> afterwards.size() + " requests in peace: " + afterwards);
    }

    @Test
    void retryAfterIsRespected() throws Exception {
        FaultyApiServer faulty = closedAfterwards(new FaultyApiServer(cluster));
        String pods = "/api/v1/namespaces/default/pods";
        Map<String, Predicate<FaultyApiServer.Request>> kinds = Map.of(
                "the list of pods", r -> r.is("GET", "/api/v1/pods?") && !r.isWatch(),
                "the watch of Nodes", r -> r.is("GET", "/api/v1/nodes?") && r.isWatch(),
                "the Node's making", r -> r.is("POST", "/api/v1/nodes"),
                "the mirror's making", r -> r.is("POST", pods),
                "the mirror's status", r -> r.is("PATCH", pods),
                "events", r -> r.is("POST", "/api/v1/namespaces/default/events"));
        kinds.values().forEach(kind -> faulty.fail(3, ApiFault.tooManyRequests(Duration.ofSeconds(2)), kind));
        daemon.write("web.yaml", steady("web"));
        node.joinAt(faulty.url());
        awaitRight(DaemonProcess.SOON, "web");
        daemon.await("the events", () -> node.reasons("web-" + daemon.node).contains("Started"));
        kinds.forEach((what, kind) -> {
            daemon.await(what, () -> faulty.requests(kind).size() > 3);
            List<FaultyApiServer.Request> asked = faulty.requests(kind);
            for (int i = 1; i <= 3; i++) {
                Duration between =
                        Duration.between(asked.get(i - 1).time(), asked.get(i).time());
                assertTrue(between.toMillis() >= 1900, () -> what + " was asked for again after " + between);
            }
        });
    }

    private static boolean isToWait(FaultyApiServer.Request request) {
        return !request.path().contains("/leases/") && !request.is("GET", "/readyz");
    }

    @Test
    void leaseIsRenewedInTimeWhileOtherRequestsHaveRetryAfter() throws Exception {
        FaultyApiServer faulty = closedAfterwards(new FaultyApiServer(cluster));
        node.joinAt(faulty.url());
        awaitRight(DaemonProcess.SOON);
        // Everything else waits for half a minute, the lease only as long as it may.
        faulty.fail(2, ApiFault.tooManyRequests(Duration.ofSeconds(30)), ClusterTroubleTest::isLease);
        faulty.fail(ApiFault.tooManyRequests(Duration.ofSeconds(30)), ClusterTroubleTest::isToWait);
        int asked = faulty.requests().size();
        cluster.delete(node.path());
        faulty.breakWatches();
        for (int i = 0; i < 4; i++) {
            node.awaitRenewed(Duration.ofSeconds(4), Instant.now());
        }
        daemon.holdsFor("nothing else to be asked for twice", Duration.ofSeconds(3), () -> {
            List<String> kinds = faulty.requests().stream()
                    .skip(asked)
                    .filter(ClusterTroubleTest::isToWait)
                    .map(r -> r.method() + " " + r.path().replaceAll("\\?.*", "") + " " + r.isWatch())
                    .toList();
            return kinds.size() == Set.copyOf(kinds).size();
        });
        StallAdjustedTime before = StallAdjustedTime.now();
        assertEquals(0, daemon.stop());
        Duration took = StallAdjustedTime.now().since(before);
        assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, () -> "it ended after " + took);
    }

    @Test
    void outageEndsTheWaitForRetryAfter() throws Exception {
        FaultyApiServer faulty = closedAfterwards(new FaultyApiServer(cluster));
        ApiServerProxy way = closedAfterwards(new ApiServerProxy(faulty.port()));
        node.joinAt(way.url());
        daemon.write("web.yaml", steady("web"));
        awaitRight(DaemonProcess.SOON, "web");
        faulty.fail(ApiFault.tooManyRequests(Duration.ofSeconds(30)), r -> !isLease(r) && !r.is("GET", "/readyz"));
        faulty.breakWatches();
        daemon.write("late.yaml", steady("late"));
        daemon.awaitRunning("late");
        way.to(new ApiServerProxy.Mode.Refuse());
        node.awaitLog("pods keep running without it");
        faulty.heal();
        way.pass();
        awaitRight(RIGHT_AGAIN, "web", "late");
    }

    @Test
    void brokenWatchesAreTakenUpAgain() throws Exception {
        FaultyApiServer faulty = closedAfterwards(new FaultyApiServer(cluster));
        node.joinAt(faulty.url());
        daemon.write("web.yaml", steady("web"));
        awaitRight(DaemonProcess.SOON, "web");
        faulty.breakWatches();
        String before = cluster.get(node.mirror("web")).uid();
        cluster.delete(node.mirror("web"));
        node.awaitMirror("web", RIGHT_AGAIN, m -> !m.uid().equals(before) && JoiningNode.isRunning(m));
        cluster.delete(node.path());
        awaitRight(Duration.ofSeconds(10), "web");
    }

    @Test
    void somethingThatHangsBehindTheApiServerHoldsUpNothingElse() throws Exception {
        FaultyApiServer faulty = closedAfterwards(new FaultyApiServer(cluster));
        faulty.fail(
                new ApiFault.Late(Duration.ofSeconds(60)),
                request -> request.is("POST", "/api/v1/namespaces/default/pods"));
        node.joinAt(faulty.url());
        daemon.write("web.yaml", steady("web"));
        daemon.awaitRunning("web");
        awaitRight(DaemonProcess.SOON);
        // The mirror's creation is given up meanwhile, and nothing else is.
        for (int i = 0; i < 6; i++) {
            node.awaitRenewed(Duration.ofSeconds(4), Instant.now());
        }
        daemon.await(
                "the mirror to be asked for again",
                () -> faulty.requests(r -> r.is("POST", "/api/v1/namespaces/default/pods"))
                                .size()
                        > 1);
        assertTrue(!daemon.log().contains("pods keep running without it"), daemon.log());
        faulty.heal();
        awaitRight(DaemonProcess.SOON, "web");
    }
}
