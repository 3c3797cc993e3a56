package io.jubelet.cluster;

import io.jubelet.concurrent.Loop;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import io.jubelet.kubeapi.Reflector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the node, again when somebody has deleted it, and keeps its status and its labels.
 *
 * <p>Of a Node that is there it changes the status and the labels that it would register with; what others wrote stays. Source
 * of the periods: {@code nodeStatusUpdateFrequency} and {@code nodeStatusReportFrequency} of KubeletConfiguration.
 */
final class NodeRegistrar implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistrar.class);

    private static final String NODES = "/api/v1/nodes";
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration MAX_RETRY = Duration.ofSeconds(7);
    private static final Duration OUTAGE = Duration.ofMinutes(1); // or until the outage ends
    /** When somebody else writes our conditions, nobody gains from writing faster. */
    private static final Duration MIN_CORRECTION_INTERVAL = Duration.ofSeconds(1);

    private final KubeApi api;
    private final ClusterSettings settings;
    private final Supplier<NodeReport> source;
    private final NodeEventRecorder events;
    private final InstantSource clock;
    private final NodeJson json;
    private final Map<String, String> labels;
    private final Reflector<ClusterNode> nodes;
    private final Runnable changed;
    private final Loop loop;
    /** Touched by the thread of the watch alone. */
    private Optional<String> notifiedOf = Optional.empty();
    /** Touched by the loop alone, as are the others. */
    private NodeReport sent;

    private String sentToUid = "";
    private Instant sentAt = Instant.MIN;
    private Instant resendAt = Instant.MIN;
    /** The version of the Node that was patched last, and what it has become by that, until another version is seen. */
    private String patchedVersion = "";

    private List<NodeConditions.ApiCondition> patchedConditions = List.of();
    private boolean cordoned;
    private Instant labelsTried = Instant.MIN;
    private final Set<String> warnings = new HashSet<>();

    /**
     * @param source tells of the node; may block
     * @param changed told when the Node appears, is about to go, or goes; must not block
     * @param events told what happens to the node
     */
    NodeRegistrar(
            KubeApi api,
            ClusterSettings settings,
            Supplier<NodeReport> source,
            Runnable changed,
            NodeEventRecorder events,
            InstantSource clock) {
        this.api = Objects.requireNonNull(api, "api");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.source = Objects.requireNonNull(source, "source");
        this.events = Objects.requireNonNull(events, "events");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.json = new NodeJson(settings);
        this.labels = LabelRestriction.allowed(settings.registration().labels());
        this.changed = Objects.requireNonNull(changed, "changed");
        this.loop = Loop.unstarted("node", FIRST_RETRY, MAX_RETRY, this::turn);
        this.nodes = new Reflector<>(
                api,
                "node",
                NODES,
                "fieldSelector=metadata.name%3D" + settings.nodeName(),
                ClusterNode::of,
                this::nodeChanged);
    }

    void start() {
        List<String> rejected = LabelRestriction.rejected(settings.registration().labels());
        if (!rejected.isEmpty()) {
            LOG.warn(
                    "a node may not give itself the labels {}, so its Node has them only when somebody else sets them:"
                            + " kubectl label node {} KEY=VALUE; nodeSelector of static pods sees them",
                    String.join(", ", rejected),
                    settings.nodeName());
        }
        api.onReachabilityChange(loop::release);
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
        Optional<String> now = node().map(node -> node.uid() + node.deleting());
        if (!now.equals(notifiedOf)) {
            notifiedOf = now;
            changed.run();
        }
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
                Duration pause = updateStatus(node.get());
                recordCordonChange(node.get());
                updateLabels(node.get());
                warnIfTaintMissing(node.get());
                return pause;
            }
            if (settings.registration().enabled()) {
                register();
            } else {
                warnOnce("the API server has no node " + settings.nodeName()
                        + " yet, and registerNode is false: waiting for somebody to make it");
            }
            return settings.timing().statusUpdateFrequency();
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials _) {
            return OUTAGE;
        }
    }

    private void register() throws InterruptedException {
        NodeReport report = source.get();
        NodeConditions conditions = NodeConditions.of(report, List.of(), clock.instant());
        try {
            ApiObject made = api.create(NODES, json.created(report, conditions));
            LOG.info("registered as node {}", settings.nodeName());
            sent(made.text("metadata", "uid"), report);
            recordEvents(conditions, List.of());
        } catch (KubeApiException.ErrorStatus e) {
            if (!e.isConflict()) {
                throw e;
            }
        }
    }

    private Duration updateStatus(ClusterNode node) throws InterruptedException {
        NodeReport report = source.get();
        Instant now = clock.instant();
        // What was sent last may not be seen yet; its news are told, and those that follow are others.
        List<NodeConditions.ApiCondition> before =
                patchedVersion.equals(node.version()) ? patchedConditions : node.conditions();
        NodeConditions conditions = NodeConditions.of(report, before, now);
        boolean told = node.uid().equals(sentToUid) && report.equals(sent) && now.isBefore(resendAt);
        if (told && conditions.allReportedIn(node.conditions())) {
            return settings.timing().statusUpdateFrequency();
        }
        if (told && now.isBefore(sentAt.plus(MIN_CORRECTION_INTERVAL))) {
            return MIN_CORRECTION_INTERVAL;
        }
        api.patch(
                NODES + "/" + settings.nodeName() + "/status",
                KubeApi.Patch.STRATEGIC,
                json.statusPatch(report, conditions));
        boolean first = sent == null;
        sent(node.uid(), report);
        if (first) {
            recordReboot(node.bootId(), report);
        }
        recordEvents(conditions, before);
        patchedVersion = node.version();
        patchedConditions = conditions.asApiConditions();
        return settings.timing().statusUpdateFrequency();
    }

    private void recordEvents(NodeConditions conditions, List<NodeConditions.ApiCondition> seen) {
        for (String reason : conditions.changedReasons(seen)) {
            recordEvents(reason);
        }
    }

    private void recordEvents(String reason) {
        events.event(false, reason, "Node " + settings.nodeName() + " status is now: " + reason);
    }

    /** The machine does not start anew while we run, so only what was told before us can be of another start of it. */
    private void recordReboot(String before, NodeReport report) {
        String now = report.nodeInfo().getOrDefault("bootID", "");
        if (!before.isEmpty() && !now.isEmpty() && !before.equals(now)) {
            events.event(true, "Rebooted", "Node " + settings.nodeName() + " has been rebooted, boot id: " + now);
        }
    }

    private void recordCordonChange(ClusterNode node) {
        if (node.unschedulable() != cordoned) {
            cordoned = node.unschedulable();
            recordEvents(cordoned ? "NodeNotSchedulable" : "NodeSchedulable");
        }
    }

    private void sent(String uid, NodeReport report) {
        sentToUid = uid;
        sent = report;
        sentAt = clock.instant();
        // Half as long to one and a half times as long, lest all nodes report at once.
        double spread = 0.5 + ThreadLocalRandom.current().nextDouble();
        resendAt = sentAt.plusMillis((long) (settings.timing().statusReportFrequency().toMillis() * spread));
    }

    private void updateLabels(ClusterNode node) throws InterruptedException {
        Map<String, String> missing = labels.entrySet().stream()
                .filter(label -> !label.getValue().equals(node.labels().get(label.getKey())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Instant now = clock.instant();
        if (missing.isEmpty() || now.isBefore(labelsTried.plus(MIN_CORRECTION_INTERVAL))) {
            return;
        }
        labelsTried = now;
        try {
            api.patch(NODES + "/" + settings.nodeName(), KubeApi.Patch.STRATEGIC, NodeJson.labelsPatch(missing));
        } catch (KubeApiException.ErrorStatus e) {
            if (e.retryAfter().isPresent()) {
                throw e;
            }
            warnOnce("the node's labels "
                    + String.join(", ", missing.keySet().stream().sorted().toList()) + " cannot be set: "
                    + e.getMessage());
        }
    }

    /** A Node of ours that another kubelet made, or from which somebody took the taint. */
    private void warnIfTaintMissing(ClusterNode node) {
        String taint = ClusterSettings.STATIC_PODS_ONLY.key();
        if (!node.taints().contains(taint)) {
            warnOnce("node " + settings.nodeName() + " has no taint " + taint
                    + ", so the cluster may send pods here, which are not run; kubectl taint node "
                    + settings.nodeName() + " " + taint + ":" + ClusterSettings.STATIC_PODS_ONLY.effect()
                    + " keeps them away");
        }
    }

    /** Once, as far as one can remember. */
    private void warnOnce(String what) {
        if (warnings.size() > 20) {
            warnings.clear();
        }
        if (warnings.add(what)) {
            LOG.warn(what);
        }
    }

    @Override
    public void close() {
        loop.close();
        nodes.close();
    }
}
