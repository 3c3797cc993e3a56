package io.jubelet.reconcile;

import io.jubelet.admission.Admission;
import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.CancellationToken;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.Eviction;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PlannerInput;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodLifecycle.Syncing;
import io.jubelet.plan.PodLifecycle.Terminated;
import io.jubelet.plan.PodPlan;
import io.jubelet.plan.PodPlanner;
import io.jubelet.pod.ConfigRefs;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one pod name as its manifest says, turn by turn: look, plan, execute, publish.
 *
 * <p>Confined to one thread, but for its {@link TurnRequests}, {@link #wantedChanged} and {@link #configChanged}. A turn may block in
 * the runtime for as long as its calls may take; other pods have workers of their own.
 */
public final class PodWorker {

    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

    /** A plan that is not empty after so many rounds is a mistake of the planner, and must not become a busy loop. */
    private static final int MAX_ROUNDS = 64;

    /** Whatever lists show wakes the worker; this is for what nobody thought of. */
    private static final Duration RESYNC = Duration.ofMinutes(10);

    /** A container lacks something that it is made of. */
    private static final String CONFIG_ERROR = "CreateContainerConfigError";

    private static final Backoff TURN_BACKOFF = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
    private static final Backoff ACTION_BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    /** What every worker shares. Each function may be called by many workers at once. */
    public record Surroundings(
            Supplier<DesiredPods> desired,
            PodObserver observer,
            Runnable acted,
            Function<ObservedPod, Map<ContainerId, ContainerHealth>> health,
            Admission admission,
            DeadContainerTracker dead,
            PodPlanner planner,
            ActionExecutor executor,
            Consumer<PodView> publish,
            EventRecorder events,
            InstantSource clock) {}

    private final PodName name;
    private final Surroundings context;
    private final WorkerEvents events;
    final TurnRequests turnRequests = new TurnRequests();
    private final Map<String, ActionFailure> failures = new HashMap<>();
    private final Map<String, Optional<Pod>> loadedPods = new HashMap<>();
    private PodLifecycle lifecycle = new Syncing();
    private String acceptedUid = "";
    private Instant acceptedAt;
    private int failedTurns;
    private Optional<String> problem = Optional.empty();
    private PodView lastView;
    /** All there was at the last plan. */
    private LocalConfig everything = LocalConfig.NONE;
    /** What of it the versions of this pod refer to. */
    private LocalConfig config = LocalConfig.NONE;
    /** Whether they refer to any; published for {@link #configChanged}. */
    private volatile boolean refers;
    /** What is executed at this moment is for this; published for whoever knows of a change. */
    private volatile Assignment assignment = new Assignment("", new CancellationToken());

    /** A version to be acted for, by its UID; empty when none is wanted. */
    private record Assignment(String uid, CancellationToken cancellation) {}

    public PodWorker(PodName name, Surroundings context) {
        this.name = name;
        this.context = context;
        this.events = new WorkerEvents(name, context.events());
        this.acceptedAt = context.clock().instant();
        this.lastView = new PodView(
                name,
                Optional.empty(),
                Optional.empty(),
                lifecycle,
                ObservedPod.none(name),
                PodPlan.nothing(lifecycle),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                acceptedAt);
    }

    PodName name() {
        return name;
    }

    /** There are other ConfigMaps or Secrets; another turn is taken if this pod refers to any. Any thread. */
    void configChanged() {
        if (refers) {
            turnRequests.requestPlan();
        }
    }

    /** Says that another version of the pod is wanted than before, or none, and asks for another turn. Any thread. */
    void wantedChanged() {
        Assignment current = assignment;
        if (!uid(context.desired().get().pod(name)).equals(current.uid())) {
            current.cancellation().cancel();
        }
        turnRequests.requestPlan();
    }

    /** Takes turns until {@code retire} agrees that nothing is wanted and nothing is left, or until interrupted. */
    void run(Function<PodWorker, Boolean> retire) {
        try {
            while (true) {
                Instant next = turn();
                if (terminated() && retire.apply(this)) {
                    return;
                }
                turnRequests.await(Duration.between(context.clock().instant(), next));
            }
        } catch (InterruptedException | CriException.Cancelled e) {
            LOG.debug("pod={} worker is asked to end", name);
        }
    }

    /** Whether nothing is wanted and nothing was left at the end of the last turn. */
    boolean terminated() {
        return lifecycle instanceof Terminated;
    }

    /**
     * One turn. A runtime that fails is not the pod's fault: the turn ends, and the next is due after a back-off.
     *
     * @return when the next turn is due even if nobody wakes the worker
     * @throws CriException.Cancelled when the thread is interrupted
     */
    Instant turn() {
        try {
            Instant next = reconcile();
            failedTurns = 0;
            problem = Optional.empty();
            return next;
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (CriException e) {
            return turnFailed(e.getMessage(), e);
        } catch (ActionFailedException e) {
            return turnFailed(e.reason() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            LOG.error("pod={} the turn ended by a bug", name, e);
            return turnFailed("internal error: " + e, e);
        }
    }

    private Instant turnFailed(String message, RuntimeException cause) {
        if (!problem.equals(Optional.of(message))) {
            LOG.warn("pod={} the turn failed and is tried again: {}", name, message);
            LOG.debug("pod={} cause", name, cause);
        }
        problem = Optional.of(message);
        Instant now = context.clock().instant();
        publishProblem(now);
        return now.plus(TURN_BACKOFF.delay(++failedTurns));
    }

    private void publishProblem(Instant now) {
        publish(new PodView(
                name,
                context.desired().get().pod(name),
                lastView.running(),
                lifecycle,
                lastView.observed(),
                lastView.plan(),
                lastView.health(),
                failures,
                problem,
                Optional.empty(),
                now));
    }

    private void publish(PodView view) {
        lastView = view;
        context.publish().accept(view);
    }

    /** Looks, and does what is to be done; throws what {@link #turn} takes for a turn that failed. */
    public Instant reconcile() {
        turnRequests.observing();
        ObservedPod observed = context.observer().observe(name);
        boolean acted = false;
        for (int round = 0; round < MAX_ROUNDS; round++) {
            turnRequests.planning();
            Instant now = context.clock().instant();
            Optional<Pod> wanted = wanted();
            accept(wanted, now);
            Optional<Pod> running = running(wanted, observed);
            lookAtConfig(Stream.concat(wanted.stream(), running.stream()).toList());
            context.dead().update(observed, now);
            PlannerInput input = new PlannerInput(
                    wanted,
                    acceptedAt,
                    running,
                    lifecycle,
                    observed,
                    images(wanted, running),
                    context.health().apply(observed),
                    evictions(wanted, running),
                    failures,
                    context.dead().retention(name),
                    rejection(wanted, running, observed),
                    now);
            PodPlan plan = context.planner().plan(input);
            context.admission()
                    .planned(
                            name,
                            wanted,
                            plan.end().isPresent() && plan.actions().isEmpty() && !observed.live());
            lifecycle = plan.lifecycle();
            events.planned(input, plan);
            if (plan.actions().isEmpty()) {
                publish(view(input, observed, plan, Optional.empty()));
                if (acted) {
                    context.observer().known(observed);
                    context.acted().run();
                }
                return nextTurn(plan, now);
            }
            acted = true;
            for (PodAction action : plan.actions()) {
                publish(view(input, observed, plan, Optional.of(new PodView.InProgress(action, now))));
                Optional<ObservedPod> after = execute(action, observed);
                if (after.isEmpty()) {
                    break;
                }
                observed = after.get();
                if (assignment.cancellation().cancelled()) {
                    break; // the rest was planned for what is not wanted any more
                }
            }
        }
        throw new IllegalStateException("the plan for " + name + " does not converge");
    }

    /** What is wanted now; when that changes from here on, the mandate of {@link #assignment} is withdrawn. */
    private Optional<Pod> wanted() {
        while (true) {
            Optional<Pod> wanted = context.desired().get().pod(name);
            assignment = new Assignment(uid(wanted), new CancellationToken());
            // Who changed it before the assignment could be seen withdraws nothing.
            if (uid(context.desired().get().pod(name)).equals(uid(wanted))) {
                return wanted;
            }
        }
    }

    private static String uid(Optional<Pod> wanted) {
        return wanted.map(Pod::uid).orElse("");
    }

    private Optional<AdmissionRejection> rejection(Optional<Pod> wanted, Optional<Pod> running, ObservedPod observed) {
        context.admission().update(observed, wanted, running, context.executor()::rejection);
        Optional<AdmissionRejection> rejection = context.admission().rejection(name);
        boolean needsNetwork = wanted.isPresent() && !wanted.get().spec().hostNetwork();
        return rejection.isPresent() || !needsNetwork
                ? rejection
                : context.executor()
                        .networkProblem()
                        .map(why -> new AdmissionRejection(AdmissionRejection.NETWORK, why));
    }

    private Instant nextTurn(PodPlan plan, Instant now) {
        Instant resync = now.plus(RESYNC);
        return Stream.concat(plan.due().stream(), context.observer().lookAgainAt(name).stream())
                .filter(resync::isAfter)
                .min(Instant::compareTo)
                .orElse(resync);
    }

    private void accept(Optional<Pod> wanted, Instant now) {
        String uid = uid(wanted);
        if (!uid.equals(acceptedUid)) {
            acceptedUid = uid;
            acceptedAt = now;
            failures.clear();
        }
    }

    /** What a container lacked may be there now: its start need not wait for the next try. */
    private void lookAtConfig(List<Pod> versions) {
        refers = versions.stream().anyMatch(pod -> ConfigRefs.any(pod.spec()));
        LocalConfig now = refers ? context.desired().get().localConfig() : LocalConfig.NONE;
        if (now == everything) {
            return;
        }
        everything = now;
        LocalConfig used = ConfigRefs.used(now, versions);
        if (!used.equals(config)) {
            config = used;
            failures.values().removeIf(failure -> failure.reason().equals(CONFIG_ERROR));
        }
    }

    /** Content of a live version other than the wanted one. */
    private Optional<Pod> running(Optional<Pod> wanted, ObservedPod observed) {
        Optional<String> other = Stream.concat(
                        observed.sandboxes().stream()
                                .filter(ObservedSandbox::ready)
                                .map(ObservedSandbox::uid),
                        observed.containers().stream()
                                .filter(ObservedContainer::live)
                                .map(ObservedContainer::uid))
                .filter(uid -> wanted.isEmpty() || !uid.equals(wanted.get().uid()))
                .findFirst();
        if (other.isEmpty()) {
            loadedPods.clear();
            return Optional.empty();
        }
        return loadedPods.computeIfAbsent(other.get(), context.executor()::loadPod);
    }

    private ImageStates images(Optional<Pod> wanted, Optional<Pod> running) {
        return context.executor()
                .images(name, Stream.concat(wanted.stream(), running.stream()).toList());
    }

    private Map<String, Eviction> evictions(Optional<Pod> wanted, Optional<Pod> running) {
        Map<String, Eviction> evictions = new HashMap<>();
        Stream.concat(wanted.stream(), running.stream())
                .map(Pod::uid)
                .forEach(uid -> context.executor().eviction(uid).ifPresent(eviction -> evictions.put(uid, eviction)));
        return evictions;
    }

    /** Of what a plan was made from; {@code observed} is what is known since. */
    private PodView view(
            PlannerInput input, ObservedPod observed, PodPlan plan, Optional<PodView.InProgress> inProgress) {
        return new PodView(
                name,
                input.wanted(),
                input.running(),
                lifecycle,
                observed,
                plan,
                input.health(),
                failures,
                Optional.empty(),
                inProgress,
                input.now());
    }

    /** Executes one action; empty when it failed in a way that only its container or sandbox has to wait for. */
    private Optional<ObservedPod> execute(PodAction action, ObservedPod observed) {
        events.begins(action, observed);
        try {
            ObservedPod after = context.executor().execute(action, observed, assignment.cancellation());
            events.done(action);
            action.failureKey().ifPresent(failures::remove);
            return Optional.of(after);
        } catch (ActionFailedException e) {
            String key = action.failureKey().orElseThrow(() -> e);
            int count = failures.containsKey(key) ? failures.get(key).count() + 1 : 1;
            Instant retryAt = context.clock().instant().plus(ACTION_BACKOFF.delay(count));
            LOG.warn("pod={} action={} failed: {}: {}", name, action.summary(), e.reason(), e.getMessage());
            failures.put(key, new ActionFailure(e.reason(), e.getMessage(), count, retryAt));
            events.failed(action, e);
            return Optional.empty();
        }
    }
}
