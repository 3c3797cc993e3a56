/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.desired.Manifest;
import io.jubelet.document.Finding;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.observed.RuntimeFacts;
import io.jubelet.observed.RuntimeFacts.EnactedResources;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.plan.PodVersions;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerUser;
import io.jubelet.pod.Handler;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import io.jubelet.pod.Resources;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.WaitingCause;
import io.jubelet.reconcile.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds views of pods by hand, as a worker would publish them. */
public final class PodViews {

    /** When everything in these views begins. */
    public static final Instant T0 = Instant.parse("2026-01-01T10:00:00Z");

    public static final String NODE = "node1";

    private final PodName name;
    private final List<String> containers;
    private final Map<String, ContainerRestart> init = new LinkedHashMap<>();
    private final Map<ContainerId, ContainerHealth> health = new HashMap<>();
    private Probes probes = Probes.NONE;
    private Resources resources = Resources.NONE;
    private List<VolumeMount> mounts = List.of();
    private Optional<AdmissionRejection> rejection = Optional.empty();
    private RestartPolicy policy = RestartPolicy.Always;
    private boolean hostNetwork;
    private String version = "1";
    private boolean wanted = true;
    private boolean known = true;
    private Optional<Pod> next = Optional.empty();
    private PodLifecycle lifecycle = new PodLifecycle.Syncing();
    private final List<ObservedSandbox> sandboxes = new ArrayList<>();
    private final List<ObservedContainer> instances = new ArrayList<>();
    private final Map<String, ContainerState.Waiting> waiting = new HashMap<>();
    private final Map<String, ActionFailure> failures = new HashMap<>();
    private final List<PodAction> actions = new ArrayList<>();
    private Optional<Instant> due = Optional.empty();
    private Optional<String> runtimeProblem = Optional.empty();
    private Optional<PodView.InProgress> inProgress = Optional.empty();
    private Instant at = T0.plusSeconds(60);

    private PodViews(PodName name, List<String> containers) {
        this.name = name;
        this.containers = containers;
    }

    /** A pod with containers of these names, of which nothing is there yet. */
    public static PodViews pod(String name, String... containers) {
        return new PodViews(new PodName("default", name), List.of(containers));
    }

    public PodViews policy(RestartPolicy value) {
        policy = value;
        return this;
    }

    /** Another version of the pod, whose UID is another one. */
    public PodViews version(String value) {
        version = value;
        return this;
    }

    /** With an init container before the others. */
    public PodViews init(String container) {
        init.put(container, ContainerRestart.AS_POD);
        return this;
    }

    /** With a sidecar that has these rules. */
    public PodViews sidecar(String container, ContainerRestart.Rule... rules) {
        init.put(container, new ContainerRestart(Optional.of(RestartPolicy.Always), List.of(rules)));
        return this;
    }

    /** With a readiness probe in each main container. */
    public PodViews probed() {
        probes = new Probes(
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Probe(
                        new Handler.Exec(List.of("true")),
                        Duration.ZERO,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        1,
                        3,
                        Optional.empty())));
        return this;
    }

    /** With these requests and limits in each container. */
    public PodViews resources(Resources value) {
        resources = value;
        return this;
    }

    /** With these mounts in each container. */
    public PodViews mounts(VolumeMount... value) {
        mounts = List.of(value);
        return this;
    }

    /** Not started because of this. */
    public PodViews rejected(String reason, String message) {
        rejection = Optional.of(new AdmissionRejection(reason, message));
        return this;
    }

    /** What the runtime reports of the last instance. */
    public PodViews facts(boolean recursiveReadOnly, ContainerUser user, EnactedResources enacted) {
        ObservedContainer last = instances.removeLast();
        instances.add(new ObservedContainer(
                last.id(),
                last.sandboxId(),
                last.uid(),
                last.name(),
                last.state(),
                new RuntimeFacts(
                        last.imageId(), last.createdAt(), recursiveReadOnly, Optional.of(user), Optional.of(enacted)),
                last.restarts()));
        return this;
    }

    /** What the probes say of an instance. */
    public PodViews health(String container, int attempt, boolean started, boolean ready) {
        health.put(new ContainerId(container + "-" + attempt), new ContainerHealth(started, ready, Optional.empty()));
        return this;
    }

    public PodViews onHostNetwork() {
        hostNetwork = true;
        return this;
    }

    /** With a ready sandbox, made one second after the beginning. */
    public PodViews sandbox() {
        return sandbox(true);
    }

    public PodViews sandbox(boolean ready) {
        sandboxes.add(new ObservedSandbox(
                new PodSandboxId("sandbox-" + name.name()),
                uid(),
                "v1:" + version,
                0,
                ready,
                second(1),
                Duration.ofSeconds(30),
                ready && !hostNetwork ? List.of("10.88.0.7") : List.of()));
        return this;
    }

    public PodViews running(String container, int attempt, int startedAt) {
        return instance(container, attempt, new ObservedContainer.State.Running(second(startedAt)));
    }

    public PodViews exited(String container, int attempt, int exitCode, int finishedAt) {
        return instance(
                container,
                attempt,
                new ObservedContainer.State.Exited(second(finishedAt - 1), second(finishedAt), exitCode, "", ""));
    }

    public PodViews created(String container) {
        return instance(container, 0, new ObservedContainer.State.Created());
    }

    public PodViews instance(String container, int attempt, ObservedContainer.State state) {
        instances.add(new ObservedContainer(
                new ContainerId(container + "-" + attempt),
                new PodSandboxId("sandbox-" + name.name()),
                uid(),
                container,
                state,
                "sha256:" + container,
                second(2 + attempt),
                new ObservedContainer.Restarts(attempt, Duration.ofSeconds(10))));
        return this;
    }

    public PodViews waiting(String container, ImageError error, String message) {
        return waiting(container, error, error.name(), message);
    }

    public PodViews waiting(String container, WaitingCause cause, String reason, String message) {
        waiting.put(container, new ContainerState.Waiting(cause, reason, message));
        return this;
    }

    public PodViews failure(String container, String reason, String message) {
        failures.put(container, new ActionFailure(reason, message, 2, second(80)));
        return this;
    }

    public PodViews plans(PodAction action) {
        actions.add(action);
        return this;
    }

    public PodViews doing(PodAction action) {
        inProgress = Optional.of(new PodView.InProgress(action, second(58)));
        return this;
    }

    public PodViews due(int second) {
        due = Optional.of(second(second));
        return this;
    }

    public PodViews runtimeProblem(String problem) {
        runtimeProblem = Optional.of(problem);
        return this;
    }

    /** Being ended, wanted no more. */
    public PodViews ending(String reason) {
        wanted = false;
        lifecycle = new PodLifecycle.Terminating(uid(), reason);
        return this;
    }

    /** Its content was lost, so that only the runtime tells what it is. */
    public PodViews unknown() {
        known = false;
        return this;
    }

    /** Another version is wanted while this one runs. */
    public PodViews updatedTo(String other, String image) {
        next = Optional.of(content(other, image));
        return this;
    }

    public PodViews at(int second) {
        at = second(second);
        return this;
    }

    public PodView build() {
        Pod pod = content(version, "registry.local/web:1");
        boolean there = !sandboxes.isEmpty() || !instances.isEmpty();
        return new PodView(
                new PodVersions(
                        wanted ? Optional.of(next.orElse(pod)) : Optional.empty(),
                        known && there && (!wanted || next.isPresent()) ? Optional.of(pod) : Optional.empty()),
                new ObservedPod(name, sandboxes, instances),
                new PodPlan(
                        actions,
                        lifecycle,
                        next.isPresent() ? Map.of() : waiting,
                        next.isPresent() ? waiting : Map.of(),
                        Optional.empty(),
                        rejection,
                        due),
                health,
                failures,
                runtimeProblem,
                inProgress,
                at);
    }

    public PodReport report() {
        return PodReport.first(build());
    }

    /** Its manifest, accepted. */
    public Manifest manifest() {
        return manifest(Manifest.State.ACCEPTED);
    }

    public Manifest manifest(Manifest.State state, Finding... problems) {
        return new Manifest(path(), state, List.of(name), List.of(problems), T0);
    }

    private String path() {
        return "/etc/kubernetes/manifests/" + name.name() + ".yaml";
    }

    private String uid() {
        return (version + "0123456789abcdef0123456789abcdef").substring(0, 32);
    }

    private Pod content(String contentVersion, String image) {
        PodSpec spec = PodSpec.builder(containers.stream()
                        .map(container -> ContainerSpec.builder(container, image)
                                .probes(probes)
                                .resources(resources)
                                .volumeMounts(mounts)
                                .build())
                        .toList())
                .initContainers(init.entrySet().stream()
                        .map(each -> ContainerSpec.builder(each.getKey(), image)
                                .restart(each.getValue())
                                .resources(resources)
                                .volumeMounts(mounts)
                                .build())
                        .toList())
                .restartPolicy(policy)
                .hostNetwork(hostNetwork)
                .build();
        String document = Stream.of(
                        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"nodeName\":\"elsewhere\",",
                        init.isEmpty()
                                ? ""
                                : init.entrySet().stream()
                                        .map(each -> "{\"name\":\"" + each.getKey() + "\",\"image\":\"" + image + "\""
                                                + each.getValue()
                                                        .policy()
                                                        .map(always -> ",\"restartPolicy\":\"" + always + "\"")
                                                        .orElse("")
                                                + "}")
                                        .collect(Collectors.joining(",", "\"initContainers\":[", "],")),
                        "\"containers\":[",
                        containers.stream()
                                .map(container -> "{\"name\":\"" + container + "\",\"image\":\"" + image
                                        + "\",\"command\":[\"sleep\",\"1d\"],\"ports\":[{\"containerPort\":80}],"
                                        + "\"volumeMounts\":[{\"name\":\"data\",\"mountPath\":\"/data\"}]}")
                                .collect(Collectors.joining(",")),
                        "],\"volumes\":[{\"name\":\"data\",\"emptyDir\":{}}]},\"metadata\":{\"name\":\"" + name.name()
                                + "\",\"labels\":{\"app\":\"" + name.name()
                                + "\"},\"annotations\":{\"owner\":\"me\",\"kubernetes.io/config.source\":\"forged\"},"
                                + "\"uid\":\"forged\"},\"status\":{\"phase\":\"forged\"}}")
                .collect(Collectors.joining());
        return new Pod(
                name,
                NODE,
                (contentVersion + "0123456789abcdef0123456789abcdef").substring(0, 32),
                "v1:" + contentVersion,
                Map.of("app", name.name()),
                Map.of("owner", "me"),
                spec,
                new Pod.Manifest(document, path()));
    }

    /** A moment, by the seconds since the beginning. */
    public static Instant second(int second) {
        return T0.plusSeconds(second);
    }
}
