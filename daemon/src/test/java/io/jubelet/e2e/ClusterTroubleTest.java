package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong between the daemon and an API server: pods do not notice, and the cluster is told the truth afterwards. */
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
        // Long enough for those that hang to be given up, and for the doubt whether anybody answers to be settled.
        boolean hangs = trouble instanceof ApiServerProxy.Mode.Hang;
        daemon.holdsFor(
                "web to run on",
                Duration.ofSeconds(hangs ? 20 : 6),
                () -> daemon.running("web").stream().anyMatch(c -> c.id().equals(web.id())));
        daemon.write("during.yaml", steady("during"));
        Container during = daemon.awaitRunning("during");
        daemon.crash(during);
        daemon.awaitReplaced("during", during);
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
        if (!(trouble instanceof ApiServerProxy.Mode.Delay)) {
            assertTrue(daemon.log().contains("pods run on without it"), daemon.log());
        }
    }

    @Test
    void afterAnOutageTheClusterIsToldAtOnceWhatHappenedMeanwhile() throws Exception {
        node.join();
        for (String pod : List.of("stays", "changes", "goes", "crashes")) {
            daemon.write(pod + ".yaml", steady(pod));
        }
        awaitRight(DaemonProcess.SOON, "stays", "changes", "goes", "crashes");
        Container stays = daemon.awaitRunning("stays");
        Container changes = daemon.awaitRunning("changes");
        Container crashes = daemon.awaitRunning("crashes");
        String hash = cluster.get(node.mirror("changes")).text("metadata.annotations[kubernetes.io/config.hash]");
        String kept = cluster.get(node.mirror("stays")).uid();
        cluster.apiServer().kill();
        daemon.write("comes.yaml", steady("comes"));
        daemon.write(
                "changes.yaml",
                steady("changes").replace("  name: changes\n", "  name: changes\n  labels: {v: two}\n"));
        daemon.remove("goes.yaml");
        daemon.crash(crashes);
        daemon.awaitRunning("comes");
        daemon.awaitReplaced("changes", changes);
        daemon.awaitReplaced("crashes", crashes);
        daemon.awaitGone("goes");
        daemon.holdsFor(
                "stays to run on",
                Duration.ofSeconds(15),
                () -> daemon.running("stays").stream().anyMatch(c -> c.id().equals(stays.id())));
        cluster.apiServer().start();
        Instant back = Instant.now();
        node.awaitMirror("comes", RIGHT_AGAIN, JoiningNode::isRunning);
        node.awaitMirror(
                "changes",
                RIGHT_AGAIN,
                m -> JoiningNode.isRunning(m)
                        && m.text("metadata.labels.v").equals("two")
                        && !m.text("metadata.annotations[kubernetes.io/config.hash]")
                                .equals(hash));
        node.awaitMirror(
                "crashes",
                RIGHT_AGAIN,
                m -> JoiningNode.isRunning(m) && JoiningNode.restarts(m).equals("1"));
        awaitRight(RIGHT_AGAIN, "stays");
        daemon.await("goes to have no mirror", RIGHT_AGAIN, () -> node.code(node.mirror("goes")) == 404);
        Duration took = Duration.between(back, Instant.now());
        assertTrue(took.compareTo(RIGHT_AGAIN.plusSeconds(1)) < 0, () -> "it took " + took);
        assertEquals(kept, cluster.get(node.mirror("stays")).uid());
        assertEquals("0", JoiningNode.restarts(cluster.get(node.mirror("stays"))));
        // What happened meanwhile is told, too.
        daemon.await(
                "the events of the outage",
                () -> node.reasons("comes-" + daemon.node).contains("Started"));
    }

    /** A kind of request, and what becomes of so many of them. */
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
        // In peace it is asked for little: nobody spins.
        daemon.holdsFor(
                "web to run on",
                Duration.ofSeconds(4),
                () -> !daemon.running("web").isEmpty());
        List<FaultyApiServer.Request> afterwards = faulty.requests(r -> r.time().isAfter(from.plusSeconds(1)));
        assertTrue(afterwards.size() < 20, () -> afterwards.size() + " requests in peace: " + afterwards);
    }

    @Test
    void whoAsksToBeLeftAloneIs() throws Exception {
        FaultyApiServer faulty = closedAfterwards(new FaultyApiServer(cluster));
        node.joinAt(faulty.url());
        awaitRight(DaemonProcess.SOON);
        faulty.fail(3, ApiFault.tooManyRequests(Duration.ofSeconds(2)), ClusterTroubleTest::isLease);
        Instant from = Instant.now();
        daemon.await(
                "three refusals and a success",
                () -> faulty.requests(r -> isLease(r) && r.time().isAfter(from)).size() >= 4);
        List<FaultyApiServer.Request> asked =
                faulty.requests(r -> isLease(r) && r.time().isAfter(from));
        for (int i = 1; i < 3; i++) {
            Duration between =
                    Duration.between(asked.get(i - 1).time(), asked.get(i).time());
            assertTrue(between.toMillis() >= 1900, () -> "asked again after " + between);
        }
        awaitRight(DaemonProcess.SOON);
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
        assertTrue(!daemon.log().contains("pods run on without it"), daemon.log());
        faulty.heal();
        awaitRight(DaemonProcess.SOON, "web");
    }
}
