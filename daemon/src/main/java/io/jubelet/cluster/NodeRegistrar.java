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
    private static final Duration BETWEEN_CORRECTIONS = Duration.ofSeconds(1);

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
    private Optional<String> toldOf = Optional.empty();
    /** Touched by the loop alone, as are the others. */
    private NodeReport sent;

    private String sentTo = "";
    private Instant sentAt = Instant.MIN;
    private Instant resend = Instant.MIN;
    /** The version of the Node that was patched last, and what it has become by that, until another version is seen. */
    private String patched = "";

    private List<NodeConditions.ApiCondition> patchedTo = List.of();
    private boolean cordoned;
    private Instant labelsTried = Instant.MIN;
    private final Set<String> said = new HashSet<>();

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
        this.labels = LabelRestriction.allowed(settings.labels());
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
        List<String> refused = LabelRestriction.refused(settings.labels());
        if (!refused.isEmpty()) {
            LOG.warn(
                    "a node may not give itself the labels {}, so its Node has them only when somebody else sets them:"
                            + " kubectl label node {} KEY=VALUE; nodeSelector of static pods sees them",
                    String.join(", ", refused),
                    settings.nodeName());
        }
        api.onReachability(loop::release);
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
        Optional<String> now = node().map(node -> node.uid() + node.leaving());
        if (!now.equals(toldOf)) {
            toldOf = now;
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
                Duration pause = keepStatus(node.get());
                tellOfCordon(node.get());
                keepLabels(node.get());
                sayWhatIsMissing(node.get());
                return pause;
            }
            if (settings.registerNode()) {
                register();
            } else {
                say("the API server has no node " + settings.nodeName()
                        + " yet, and registerNode is false: waiting for somebody to make it");
            }
            return settings.statusUpdateFrequency();
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
            tell(conditions, List.of());
        } catch (KubeApiException.ErrorStatus e) {
            if (!e.isConflict()) {
                throw e;
            }
        }
    }

    private Duration keepStatus(ClusterNode node) throws InterruptedException {
        NodeReport report = source.get();
        Instant now = clock.instant();
        // What was sent last may not be seen yet; its news are told, and those that follow are others.
        List<NodeConditions.ApiCondition> before = patched.equals(node.version()) ? patchedTo : node.conditions();
        NodeConditions conditions = NodeConditions.of(report, before, now);
        boolean told = node.uid().equals(sentTo) && report.equals(sent) && now.isBefore(resend);
        if (told && conditions.seenIn(node.conditions())) {
            return settings.statusUpdateFrequency();
        }
        if (told && now.isBefore(sentAt.plus(BETWEEN_CORRECTIONS))) {
            return BETWEEN_CORRECTIONS;
        }
        api.patch(
                NODES + "/" + settings.nodeName() + "/status",
                KubeApi.Patch.STRATEGIC,
                json.statusPatch(report, conditions));
        boolean first = sent == null;
        sent(node.uid(), report);
        if (first) {
            tellOfReboot(node.bootId(), report);
        }
        tell(conditions, before);
        patched = node.version();
        patchedTo = conditions.sent();
        return settings.statusUpdateFrequency();
    }

    private void tell(NodeConditions conditions, List<NodeConditions.ApiCondition> seen) {
        for (String reason : conditions.news(seen)) {
            tell(reason);
        }
    }

    private void tell(String reason) {
        events.happened(false, reason, "Node " + settings.nodeName() + " status is now: " + reason);
    }

    /** The machine does not start anew while we run, so only what was told before us can be of another start of it. */
    private void tellOfReboot(String before, NodeReport report) {
        String now = report.machine().getOrDefault("bootID", "");
        if (!before.isEmpty() && !now.isEmpty() && !before.equals(now)) {
            events.happened(true, "Rebooted", "Node " + settings.nodeName() + " has been rebooted, boot id: " + now);
        }
    }

    private void tellOfCordon(ClusterNode node) {
        if (node.unschedulable() != cordoned) {
            cordoned = node.unschedulable();
            tell(cordoned ? "NodeNotSchedulable" : "NodeSchedulable");
        }
    }

    private void sent(String uid, NodeReport report) {
        sentTo = uid;
        sent = report;
        sentAt = clock.instant();
        // Half as long to one and a half times as long, lest all nodes report at once.
        double spread = 0.5 + ThreadLocalRandom.current().nextDouble();
        resend = sentAt.plusMillis((long) (settings.statusReportFrequency().toMillis() * spread));
    }

    private void keepLabels(ClusterNode node) throws InterruptedException {
        Map<String, String> missing = labels.entrySet().stream()
                .filter(label -> !label.getValue().equals(node.labels().get(label.getKey())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Instant now = clock.instant();
        if (missing.isEmpty() || now.isBefore(labelsTried.plus(BETWEEN_CORRECTIONS))) {
            return;
        }
        labelsTried = now;
        try {
            api.patch(NODES + "/" + settings.nodeName(), KubeApi.Patch.STRATEGIC, NodeJson.labelsPatch(missing));
        } catch (KubeApiException.ErrorStatus e) {
            if (e.retryAfter().isPresent()) {
                throw e;
            }
            say("the node's labels "
                    + String.join(", ", missing.keySet().stream().sorted().toList()) + " cannot be set: "
                    + e.getMessage());
        }
    }

    /** A Node of ours that another kubelet made, or from which somebody took the taint. */
    private void sayWhatIsMissing(ClusterNode node) {
        String taint = ClusterSettings.STATIC_PODS_ONLY.key();
        if (!node.taints().contains(taint)) {
            say("node " + settings.nodeName() + " has no taint " + taint
                    + ", so the cluster may send pods here, which are not run; kubectl taint node "
                    + settings.nodeName() + " " + taint + ":" + ClusterSettings.STATIC_PODS_ONLY.effect()
                    + " keeps them away");
        }
    }

    /** Once, as far as one can remember. */
    private void say(String what) {
        if (said.size() > 20) {
            said.clear();
        }
        if (said.add(what)) {
            LOG.warn(what);
        }
    }

    @Override
    public void close() {
        loop.close();
        nodes.close();
    }
}
