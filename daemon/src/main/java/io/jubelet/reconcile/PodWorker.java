/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.admission.Admission;
import io.jubelet.concurrent.Backoff;
import io.jubelet.cri.CriException;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PlannerInput;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodLifecycle.Syncing;
import io.jubelet.plan.PodLifecycle.Terminated;
import io.jubelet.plan.PodPlan;
import io.jubelet.plan.PodVersions;
import io.jubelet.pod.ConfigRefs;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one pod as its manifest says, turn by turn: observe the runtime, plan, execute the plan, publish a view.
 *
 * <p>Confined to one thread, except for its {@link TurnRequests} and {@link #configChanged}. A turn may block in the runtime until
 * its calls return; every other pod has its own worker.
 */
public final class PodWorker {

    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

    /** A plan that is still not empty after this many plans is a bug of the planner, and must not become a busy loop. */
    private static final int MAX_PLANS = 64;

    /** The relist wakes the worker for every change that it sees; this covers changes that no list shows. */
    private static final Duration RESYNC = Duration.ofMinutes(10);

    private static final Backoff TURN_BACKOFF = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));

    private final PodName name;
    private final WorkerContext context;
    private final WorkerEvents events;
    private final UpdateTracker updates;
    final TurnRequests turnRequests = new TurnRequests();
    private final ActionFailures failures = new ActionFailures();
    private final PreparedVersions prepared = new PreparedVersions();
    private final PodTimesTracker times;
    private final StoredVersions stored;
    private PodLifecycle lifecycle = new Syncing();
    private Optional<String> acceptedUid = Optional.empty();
    private Instant acceptedAt;
    private int failedTurns;
    private Optional<String> problem = Optional.empty();
    private PodView lastView;
    /** All ConfigMaps and Secrets at the last plan. */
    private LocalConfig allConfig = LocalConfig.NONE;
    /** The ConfigMaps and Secrets at the last plan that the versions of this pod refer to. */
    private LocalConfig usedConfig = LocalConfig.NONE;
    /** Whether the versions of this pod refer to any; read by {@link #configChanged}. */
    private volatile boolean refersToConfig;

    public PodWorker(PodName name, WorkerContext context) {
        this.name = name;
        this.context = context;
        this.events = new WorkerEvents(name, context.events());
        this.updates = new UpdateTracker(context.statistics());
        this.times = new PodTimesTracker(context.clock());
        this.stored = new StoredVersions(context.executor());
        this.acceptedAt = context.clock().steady();
        this.lastView = new PodView(
                PodVersions.NONE,
                ObservedPod.none(name),
                PodPlan.nothing(lifecycle),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                context.clock().instant());
    }

    PodName name() {
        return name;
    }

    /** Requests another plan if this pod refers to ConfigMaps or Secrets, because some of them changed. Any thread. */
    void configChanged() {
        if (refersToConfig) {
            turnRequests.requestPlan();
        }
    }

    /** Takes turns until nothing is wanted, nothing is left and {@code retire} agrees, or until interrupted. */
    void run(Predicate<PodWorker> retire) {
        try {
            while (true) {
                Instant next = turn();
                if (terminated() && retire.test(this)) {
                    return;
                }
                turnRequests.await(Duration.between(context.clock().steady(), next));
            }
        } catch (InterruptedException | CriException.Cancelled e) {
            LOG.debug("pod={} the worker was interrupted and ends", name);
        }
    }

    /** Whether nothing was wanted and nothing was left at the end of the last turn. */
    boolean terminated() {
        return lifecycle instanceof Terminated;
    }

    /**
     * Takes one turn. If it fails, the next one is due after a back-off.
     *
     * @return when, by the steady clock, the next turn is due even without a request
     * @throws CriException.Cancelled if the thread is interrupted
     */
    Instant turn() {
        long begin = System.nanoTime();
        try {
            Instant next = reconcile();
            context.statistics().add(WorkStatistics.Count.TURNS);
            failedTurns = 0;
            problem = Optional.empty();
            return next;
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            return turnFailed(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
        } catch (ActionFailedException e) {
            cancelIfInterrupted(e);
            return turnFailed(e.reason() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            cancelIfInterrupted(e);
            LOG.error("pod={} internal error while reconciling the pod", name, e);
            return turnFailed("internal error: " + e, e);
        } finally {
            context.statistics().turn(System.nanoTime() - begin);
        }
    }

    /** A file call that an interrupt ended says nothing about the pod or the node. */
    private static void cancelIfInterrupted(RuntimeException failure) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CriException.Cancelled("turn", "interrupted", failure);
        }
    }

    private Instant turnFailed(String message, RuntimeException cause) {
        context.statistics().add(WorkStatistics.Count.FAILED_TURNS);
        Duration delay = TURN_BACKOFF.delay(++failedTurns);
        if (!problem.equals(Optional.of(message))) {
            LOG.warn("pod={} reconciling the pod failed, retrying in {} ms: {}", name, delay.toMillis(), message);
            LOG.debug("pod={} cause", name, cause);
        }
        problem = Optional.of(message);
        publish(new PodView(
                new PodVersions(desired(), lastView.running()),
                lastView.observed(),
                lastView.plan(),
                lastView.health(),
                failures.shown(context.clock()),
                problem,
                Optional.empty(),
                context.clock().instant()));
        return context.clock().steady().plus(delay);
    }

    private void publish(PodView view) {
        lastView = view;
        context.publish().accept(view);
    }

    /**
     * Observes the pod, then plans and executes until there is nothing left to do.
     *
     * @return when, by the steady clock, the next turn is due even without a request
     * @throws CriException if the runtime fails
     * @throws ActionFailedException if an action fails that concerns the pod as a whole
     */
    public Instant reconcile() {
        turnRequests.observing();
        prepared.expire();
        ObservedPod observed = context.inputs().observer().observe(name);
        boolean acted = false;
        for (int plans = 0; plans < MAX_PLANS; plans++) {
            turnRequests.planning();
            observed = context.executor().withHooks(observed);
            PlannerInput input = input(observed);
            PodPlan plan = plan(input);
            if (plan.actions().isEmpty()) {
                updates.planned(input, plan);
                publish(view(input, observed, plan, Optional.empty()));
                if (acted) {
                    context.inputs().observer().update(observed.asListed());
                    context.acted().run();
                }
                return nextTurn(plan, input.now());
            }
            acted = true;
            observed = execute(plan, input);
        }
        throw new IllegalStateException("the plan for " + name + " does not converge");
    }

    // --- planning

    private PlannerInput input(ObservedPod observed) {
        Instant now = context.clock().steady();
        Optional<Pod> wanted = desired();
        accept(wanted, now);
        PodVersions versions = new PodVersions(wanted, stored.running(wanted, observed));
        List<Pod> known = versions.stream().toList();
        readConfig(known);
        prepared.adopt(versions);
        prepared.observed(observed);
        DeadContainerTracker deadContainers = context.decisions().deadContainers();
        deadContainers.update(observed, context.clock().instant());
        return new PlannerInput(
                versions,
                new PlannerInput.History(
                        lifecycle, acceptedAt, failures.all(), prepared.get(), times.update(observed, now)),
                observed,
                context.executor().images(name, known),
                context.inputs().health().apply(observed),
                new PlannerInput.Limits(
                        stored.evictions(known),
                        deadContainers.retention(name),
                        rejection(versions, observed),
                        context.decisions().admission().waitsForOthers(name),
                        stored.ends(known)),
                now);
    }

    private PodPlan plan(PlannerInput input) {
        PodPlan plan = context.decisions().planner().plan(input);
        boolean over = plan.end().isPresent()
                && plan.actions().isEmpty()
                && !input.observed().live();
        context.decisions().admission().planned(name, input.versions().wanted(), over);
        lifecycle = plan.lifecycle();
        events.planned(input, plan);
        return plan;
    }

    private Optional<Pod> desired() {
        return context.inputs().desired().get().pod(name);
    }

    private static Optional<String> uid(Optional<Pod> wanted) {
        return wanted.map(Pod::uid);
    }

    private void accept(Optional<Pod> wanted, Instant now) {
        Optional<String> uid = uid(wanted);
        if (!uid.equals(acceptedUid)) {
            updates.accepted(acceptedUid, uid);
            acceptedUid = uid;
            acceptedAt = now;
            failures.clear();
            times.forgetCreations();
        }
    }

    /** Retries at once what failed for a ConfigMap or Secret, if one that the versions refer to changed. */
    private void readConfig(List<Pod> versions) {
        refersToConfig = versions.stream().anyMatch(pod -> ConfigRefs.any(pod.spec()));
        LocalConfig now = refersToConfig ? context.inputs().desired().get().localConfig() : LocalConfig.NONE;
        if (now == allConfig) {
            return;
        }
        allConfig = now;
        LocalConfig used = ConfigRefs.used(now, versions);
        if (!used.equals(usedConfig)) {
            usedConfig = used;
            failures.removeConfigErrors();
            prepared.configChanged();
        }
    }

    private Optional<AdmissionRejection> rejection(PodVersions versions, ObservedPod observed) {
        Admission admission = context.decisions().admission();
        admission.update(observed, versions.wanted(), versions.running(), context.executor()::rejection);
        Optional<AdmissionRejection> rejection = admission.rejection(name);
        boolean needsNetwork =
                versions.wanted().isPresent() && !versions.wanted().get().spec().hostNetwork();
        return rejection.isPresent() || !needsNetwork
                ? rejection
                : context.executor()
                        .networkProblem()
                        .map(why -> new AdmissionRejection(KubeletReasons.NETWORK_NOT_READY, why));
    }

    private Instant nextTurn(PodPlan plan, Instant now) {
        Instant resync = now.plus(RESYNC);
        return Stream.concat(plan.due().stream(), context.inputs().observer().recheckAt(name).stream())
                .filter(resync::isAfter)
                .min(Instant::compareTo)
                .orElse(resync);
    }

    // --- execution

    /**
     * Executes the actions of a plan up to the first one that fails, or until another version is wanted.
     *
     * @return what is known to be on the runtime afterwards
     */
    private ObservedPod execute(PodPlan plan, PlannerInput input) {
        ObservedPod observed = input.observed();
        for (PodAction action : plan.actions()) {
            publish(view(
                    input,
                    observed,
                    plan,
                    Optional.of(new PodView.InProgress(action, context.clock().instant()))));
            Optional<ObservedPod> after = execute(action, observed);
            if (after.isEmpty()) {
                return observed;
            }
            observed = after.get();
            if (!uid(desired()).equals(uid(input.versions().wanted()))) {
                return observed; // the other actions were planned for a version that is no longer wanted
            }
        }
        return observed;
    }

    /** Executes one action; returns empty if it failed in a way that only its container or sandbox has to wait for. */
    private Optional<ObservedPod> execute(PodAction action, ObservedPod observed) {
        events.begins(action, observed);
        prepared.begins(action);
        try {
            ObservedPod after = context.executor().execute(action, observed);
            events.done(action);
            context.statistics().done(action);
            prepared.done(action, after);
            action.failureKey().ifPresent(failures::remove);
            addHookFailures(action, observed);
            if (action instanceof PodAction.CreateSandbox create) {
                times.sandboxCreated(create.pod().uid(), context.clock().steady());
            }
            return Optional.of(after);
        } catch (ActionFailedException e) {
            cancelIfInterrupted(e);
            String key = action.failureKey().orElseThrow(() -> e);
            LOG.warn("pod={} action={} failed: {}: {}", name, action.summary(), e.reason(), e.getMessage());
            failures.add(key, e, context.clock().steady());
            events.failed(action, e);
            context.statistics().failed(action, e.reason());
            return Optional.empty();
        }
    }

    /** A container that was stopped because its postStart hook failed counts as one that did not start. */
    private void addHookFailures(PodAction action, ObservedPod before) {
        if (!(action instanceof PodAction.StopContainers stop)) {
            return;
        }
        for (ObservedContainer container : before.containers()) {
            if (container.state() instanceof ObservedContainer.State.Starting starting
                    && starting.failure().isPresent()
                    && stop.ids().contains(container.id())) {
                failures.add(
                        container.name(),
                        new ActionFailedException(
                                KubeletReasons.POST_START_HOOK_ERROR,
                                starting.failure().get(),
                                null),
                        context.clock().steady());
            }
        }
    }

    /**
     * What the worker shows: all times are of the wall clock.
     *
     * @param observed what is known to be on the runtime since {@code input}
     */
    private PodView view(
            PlannerInput input, ObservedPod observed, PodPlan plan, Optional<PodView.InProgress> inProgress) {
        return new PodView(
                input.versions(),
                observed,
                plan.dueAt(plan.due().map(context.clock()::wallTime)),
                input.health(),
                failures.shown(context.clock()),
                Optional.empty(),
                inProgress,
                context.clock().instant());
    }
}
