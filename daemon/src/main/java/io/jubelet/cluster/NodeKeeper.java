package io.jubelet.cluster;

import io.jubelet.concurrent.Loop;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import io.jubelet.kubeapi.Reflector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the node, again when somebody has deleted it, and keeps its status.
 *
 * <p>Source of the periods: {@code nodeStatusUpdateFrequency} and {@code nodeStatusReportFrequency} of KubeletConfiguration.
 */
final class NodeKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeKeeper.class);

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration MAX_RETRY = Duration.ofSeconds(7);
    private static final Duration OUTAGE = Duration.ofMinutes(1); // or until the outage ends

    private final KubeApi api;
    private final ClusterSettings settings;
    private final Supplier<NodeReport> source;
    private final InstantSource clock;
    private final NodeJson json;
    private final Reflector<ClusterNode> nodes;
    private final Runnable changed;
    private final Loop loop;
    /** Touched by the loop alone, as are the others. */
    private NodeConditions conditions = NodeConditions.UNKNOWN;

    private NodeReport sent;
    private String sentTo = "";
    private Instant resend = Instant.MIN;

    /**
     * @param source tells of the node; may block
     * @param changed told when the Node appears, changes or goes; must not block
     */
    NodeKeeper(
            KubeApi api, ClusterSettings settings, Supplier<NodeReport> source, Runnable changed, InstantSource clock) {
        this.api = Objects.requireNonNull(api, "api");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.source = Objects.requireNonNull(source, "source");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.json = new NodeJson(settings);
        this.changed = Objects.requireNonNull(changed, "changed");
        this.loop = Loop.unstarted("node", FIRST_RETRY, MAX_RETRY, this::turn);
        this.nodes = new Reflector<>(
                api,
                "node",
                "/api/v1/nodes",
                "fieldSelector=metadata.name%3D" + settings.nodeName(),
                ClusterNode::of,
                this::nodeChanged);
    }

    void start() {
        api.onReachability(loop::wake);
        nodes.start();
        loop.begin();
    }

    /** The Node as the API server has it; empty while it has none, or does not answer. */
    Optional<ClusterNode> node() {
        return nodes.objects().flatMap(all -> all.values().stream().findFirst());
    }

    /** Says that the node has other news than before. */
    void reportChanged() {
        loop.wake();
    }

    private void nodeChanged() {
        changed.run();
        loop.wake();
    }

    private Duration turn() throws InterruptedException {
        Optional<Map<String, ClusterNode>> seen = nodes.objects();
        if (seen.isEmpty()) {
            return OUTAGE;
        }
        try {
            Optional<ClusterNode> node = seen.get().values().stream().findFirst();
            if (node.isPresent()) {
                keepStatus(node.get());
            } else if (settings.registerNode()) {
                register();
            }
            return settings.statusUpdateFrequency();
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            return OUTAGE;
        }
    }

    private void register() throws InterruptedException {
        NodeReport report = source.get();
        conditions = NodeConditions.UNKNOWN.next(report, clock.instant());
        try {
            ApiObject made = api.create("/api/v1/nodes", json.created(report, conditions));
            LOG.info("registered as node {}", settings.nodeName());
            sent(made.text("metadata", "uid"), report);
        } catch (KubeApiException.Refused e) {
            if (!e.isConflict()) {
                throw e;
            }
        }
    }

    private void keepStatus(ClusterNode node) throws InterruptedException {
        NodeReport report = source.get();
        Instant now = clock.instant();
        if (node.uid().equals(sentTo) && report.equals(sent) && now.isBefore(resend)) {
            return;
        }
        conditions = conditions.next(report, now);
        api.patch(
                "/api/v1/nodes/" + settings.nodeName() + "/status",
                KubeApi.Patch.STRATEGIC,
                json.statusPatch(report, conditions));
        sent(node.uid(), report);
    }

    private void sent(String uid, NodeReport report) {
        sentTo = uid;
        sent = report;
        // Half as long to one and a half times as long, lest all nodes report at once.
        double spread = 0.5 + ThreadLocalRandom.current().nextDouble();
        resend = clock.instant()
                .plusMillis((long) (settings.statusReportFrequency().toMillis() * spread));
    }

    @Override
    public void close() {
        loop.close();
        nodes.close();
    }
}
