/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.document.FieldSelection;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import io.jubelet.kubeapi.Reflector;
import io.jubelet.kubeapi.WatchedCollection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the Node, again after it was deleted, and updates its status and labels.
 *
 * <p>It changes only the status and the labels that it registers; fields of other clients stay.
 * Source of the periods: {@code nodeStatusUpdateFrequency} and {@code nodeStatusReportFrequency} of
 * KubeletConfiguration.
 */
final class NodeRegistrar implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistrar.class);

    private static final String NODES = "/api/v1/nodes";
    private static final FieldSelection UID = FieldSelection.NOTHING.with("metadata", "uid");
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration MAX_RETRY = Duration.ofSeconds(7);
    private static final Duration OUTAGE = Duration.ofMinutes(1); // or until the outage ends
    /** Another client may overwrite the conditions; correcting them faster would not help. */
    private static final Duration MIN_CORRECTION_INTERVAL = Duration.ofSeconds(1);

    private final KubeApi api;
    private final ClusterSettings settings;
    private final Supplier<NodeReport> source;
    private final NodeEventRecorder events;
    private final NodeClock clock;
    private final NodeJson json;
    private final Map<String, String> labels;
    private final Reflector<ClusterNode> nodes;
    private final Runnable changed;
    private final Loop loop;
    /**
     * The Node that {@code changed} was last called for. Touched by the thread of the watch alone.
     */
    private Optional<String> notifiedOf = Optional.empty();
    /**
     * The report sent last; null before the first. Touched by the loop alone, as are the fields
     * below.
     */
    private @Nullable NodeReport sent;

    private String sentToUid = "";
    private Instant sentAt = Instant.MIN;
    private Instant resendAt = Instant.MIN;
    /**
     * The resourceVersion of the Node that was patched last, and the conditions it then had, until
     * another version is seen.
     */
    private String patchedVersion = "";

    private List<NodeConditions.ApiCondition> patchedConditions = List.of();
    private boolean cordoned;
    private Instant labelsTried = Instant.MIN;
    /** The keys of the labels whose rejection was logged. */
    private String labelsRejected = "";

    private final Set<String> warnings = new HashSet<>();

    /**
     * @param source returns the report of the node; may block
     * @param changed called when the Node is created, is being deleted, or is deleted; must not
     *     block
     * @param events records events of the node
     */
    NodeRegistrar(
            KubeApi api,
            ClusterSettings settings,
            Supplier<NodeReport> source,
            Runnable changed,
            NodeEventRecorder events,
            NodeClock clock) {
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
                new WatchedCollection<>(
                        "nodes",
                        NODES,
                        "metadata.name=" + settings.nodeName(),
                        ClusterNode.WANTED,
                        ClusterNode.named(settings.nodeName()),
                        ClusterNode.RETENTION),
                this::nodeChanged);
    }

    void start() {
        List<String> rejected =
                LabelRestriction.rejected(settings.registration().labels());
        if (!rejected.isEmpty()) {
            LOG.warn(
                    "a node must not set the labels {} on itself, so its Node lacks them until an administrator runs"
                            + " kubectl label node {} KEY=VALUE; the nodeSelector of static pods matches them already",
                    String.join(", ", rejected),
                    settings.nodeName());
        }
        api.onReachabilityChange(loop::retryNow);
        nodes.start();
        loop.begin();
    }

    /**
     * Returns the Node of the API server; empty when there is none or the API server is
     * unreachable.
     */
    Optional<ClusterNode> node() {
        return nodes.objects().flatMap(all -> all.values().stream().findFirst());
    }

    /** Reports that the report of the node has changed. */
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
                        + " yet and registerNode is false: waiting until it is created");
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
            ApiObject made = api.create(NODES, json.created(report, conditions), UID);
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
        Instant now = clock.steady();
        // The watch may not have delivered the last patch yet; compare with what was sent.
        List<NodeConditions.ApiCondition> before =
                patchedVersion.equals(node.version()) ? patchedConditions : node.conditions();
        NodeConditions conditions = NodeConditions.of(report, before, clock.instant());
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
                json.statusPatch(report, conditions),
                FieldSelection.NOTHING);
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

    /** Only the status from before this process can be of another boot. */
    private void recordReboot(Optional<String> before, NodeReport report) {
        String now = report.nodeInfo().getOrDefault("bootID", "");
        if (before.isPresent() && !now.isEmpty() && !before.get().equals(now)) {
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
        sentAt = clock.steady();
        // Spreads the reports of all nodes: from half to one and a half times the period.
        double spread = 0.5 + ThreadLocalRandom.current().nextDouble();
        resendAt = sentAt.plusMillis(
                (long) (settings.timing().statusReportFrequency().toMillis() * spread));
    }

    private void updateLabels(ClusterNode node) throws InterruptedException {
        Map<String, String> missing = labels.entrySet().stream()
                .filter(label -> !label.getValue().equals(node.labels().get(label.getKey())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        Instant now = clock.steady();
        if (missing.isEmpty() || now.isBefore(labelsTried.plus(MIN_CORRECTION_INTERVAL))) {
            return;
        }
        labelsTried = now;
        try {
            api.patch(
                    NODES + "/" + settings.nodeName(),
                    KubeApi.Patch.STRATEGIC,
                    NodeJson.labelsPatch(missing),
                    FieldSelection.NOTHING);
        } catch (KubeApiException.ErrorStatus e) {
            if (e.retryAfter().isPresent()) {
                throw e;
            }
            String keys = String.join(", ", missing.keySet().stream().sorted().toList());
            // The message can be another one each time.
            if (!keys.equals(labelsRejected)) {
                labelsRejected = keys;
                LOG.warn("cannot set the node's labels {}: {}", keys, e.getMessage());
            }
        }
    }

    /**
     * The Node may have been registered by another kubelet, or a user may have removed the taint.
     */
    private void warnIfTaintMissing(ClusterNode node) {
        String taint = ClusterSettings.STATIC_PODS_ONLY.key();
        if (!node.taints().contains(taint)) {
            warnOnce("node " + settings.nodeName() + " has no taint " + taint
                    + ", so the cluster may schedule pods here, which are not run; to prevent it, run kubectl taint node "
                    + settings.nodeName() + " " + taint + ":" + ClusterSettings.STATIC_PODS_ONLY.effect());
        }
    }

    /** Logs a warning once; forgets which after twenty different ones. */
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
