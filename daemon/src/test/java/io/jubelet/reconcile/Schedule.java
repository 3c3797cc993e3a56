package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.confinement.Confinement;
import io.jubelet.confinement.ImageUsers;
import io.jubelet.credentials.ConfigFiles;
import io.jubelet.credentials.Credentials;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.simulated.ManualTime;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.cri.simulated.SimulatedTime;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.Events;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullPace;
import io.jubelet.images.RegistryPulls;
import io.jubelet.node.KernelSecurity;
import io.jubelet.node.Mounts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.ResolvConf;
import io.jubelet.observed.Labels;
import io.jubelet.observed.PodObserver;
import io.jubelet.observed.Relist;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.runtime.ConfigVolumes;
import io.jubelet.runtime.Hooks;
import io.jubelet.runtime.NameResolution;
import io.jubelet.runtime.NodeProfile;
import io.jubelet.runtime.PodDirectories;
import io.jubelet.runtime.PodRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/**
 * One seeded schedule: real workers, observer and executor on a simulated runtime, one step at a time, with everything
 * that can happen to them in between.
 */
final class Schedule {

    private static final String NODE = "node1";
    private static final List<PodName> NAMES = List.of(new PodName("default", "a"), new PodName("default", "b"));
    private static final List<String> OPERATIONS = List.of(
            "RunPodSandbox",
            "CreateContainer",
            "StartContainer",
            "StopContainer",
            "StopPodSandbox",
            "RemovePodSandbox",
            "RemoveContainer",
            "ListPodSandbox",
            "ListContainers",
            "ContainerStatus",
            "ImageStatus",
            "PullImage");

    /** No fewer than there are images: an actor that waits for another one would keep the baton. */
    private static final int PULLS_AT_ONCE = 10;

    /** The exit code after which some pods begin again. */
    private static final int RESTARTS_ALL = 42;

    private final long seed;
    private final Random random;
    private final Path directory;
    private final ManualTime time = SimulatedTime.manual(TestPods.NOW);
    private final SimulatedRuntime runtime = SimulatedRuntime.create(time);
    private final Baton baton = new Baton();
    private final Map<PodName, Pod> wanted = new TreeMap<>();
    private final Map<String, Pod> everWanted = new HashMap<>();
    private final Set<String> mayEnd = new HashSet<>();
    private final List<String> history = new ArrayList<>();
    private Daemon daemon;
    private final AtomicInteger mutations = new AtomicInteger();
    private final OrderWatch order;
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    /** What dies with kill -9. */
    private final class Daemon {
        private final Map<PodName, PodWorker> workers = new TreeMap<>();
        private final Map<PodName, Instant> due = new HashMap<>();
        private final Set<PodName> busy = new HashSet<>();
        private final PodObserver observer = new PodObserver(runtime.runtimeService(), NODE, time);
        private final PodWorker.Surroundings surroundings;

        Daemon() {
            PodDirectories directories;
            try {
                directories = PodDirectories.open(directory.resolve("root"), directory.resolve("logs"), new Mounts());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ImagePuller images = new ImagePuller(
                    runtime.imageService(),
                    new RegistryPulls(
                            runtime.imageService(),
                            new Credentials(ConfigFiles.NONE, List.of()),
                            PULLS_AT_ONCE,
                            new PullPace(0, 1),
                            time),
                    () -> LocalConfig.NONE,
                    new Events(time, () -> {}),
                    baton::start,
                    name -> due.replace(name, time.instant()),
                    time);
            NodeProfile profile = new NodeProfile(
                    NODE,
                    directory.resolve("logs"),
                    NameResolution.asNode(new ResolvConf(List.of(), List.of(), List.of())),
                    1L << 30,
                    Optional.empty(),
                    false,
                    false,
                    List.of(),
                    List.of(),
                    () -> new NodeCapacity(1, 1L << 30, 1L << 30),
                    NodeProfile.Cgroups.NONE);
            PodRuntime executor = new PodRuntime(
                    runtime.runtimeService(),
                    images,
                    directories,
                    new Mounts(),
                    new ConfigVolumes(
                            () -> LocalConfig.NONE,
                            new Mounts(),
                            directories,
                            profile,
                            Schedule::runHere,
                            new Events(time, () -> {})),
                    profile,
                    new Confinement(
                            Confinement.Settings.defaults(directory.resolve("root")),
                            runtime.runtimeService(),
                            new ImageUsers(runtime.imageService()),
                            List::of,
                            new KernelSecurity()),
                    100,
                    Schedule::runHere,
                    new Hooks(
                            runtime.runtimeService(),
                            List.of(),
                            _ -> Optional.empty(),
                            Schedule::runHere,
                            new io.jubelet.events.Events(time, () -> {}),
                            time),
                    (document, _) -> everWanted.get(document),
                    new Events(time, () -> {}),
                    time);
            surroundings = new PodWorker.Surroundings(
                    () -> new DesiredPods(wanted, List.of()),
                    observer,
                    () -> {},
                    _ -> Map.of(),
                    new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX)),
                    executor,
                    view -> view.runtimeProblem()
                            .filter(problem -> problem.startsWith("internal error"))
                            .ifPresent(violations::add),
                    new Events(time, () -> {}),
                    time);
            adopt();
            wanted.keySet().forEach(this::ensure);
        }

        /** As the PLEG does: again and again until the runtime answers. */
        private void adopt() {
            Relist relist = new Relist(runtime.runtimeService(), NODE, observer, time);
            while (true) {
                try {
                    relist.relist().forEach(this::ensure);
                    return;
                } catch (CriException e) {
                    note("adoption fails: " + e.getMessage());
                }
            }
        }

        void ensure(PodName name) {
            workers.computeIfAbsent(name, n -> new PodWorker(n, surroundings));
            due.put(name, time.instant());
        }

        List<PodName> ready() {
            return workers.keySet().stream()
                    .filter(name -> !busy.contains(name) && !due.get(name).isAfter(time.instant()))
                    .toList();
        }

        void turn(PodName name) {
            PodWorker worker = workers.get(name);
            busy.add(name);
            due.put(name, Instant.MAX);
            baton.start("turn " + name.name(), () -> {
                Instant next = worker.turn();
                busy.remove(name);
                due.merge(name, next, (a, b) -> a.isBefore(b) ? a : b);
                if (worker.terminated() && !wanted.containsKey(name)) {
                    workers.remove(name);
                    due.remove(name);
                }
            });
        }
    }

    Schedule(long seed, Path directory) {
        this.seed = seed;
        this.random = new Random(seed);
        this.directory = directory;
        for (String image : List.of("image/app", "image/log", "image/i1", "image/i2", "image/s1", "image/s2")) {
            runtime.images().publish(image + ":latest");
        }
        order = new OrderWatch(runtime);
        runtime.onCall(this::onCall);
    }

    /** Runs some random steps, then lets everything settle, and checks. */
    void run(int steps) {
        try {
            daemon = new Daemon();
            for (int i = 0; i < steps; i++) {
                step();
                checkOneOfEach();
            }
            settle();
            checkAllIsWell();
            checkARestartedDaemonDoesNothing();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + " (replay with -Djubelet.test.seed=" + seed + "): " + e.getMessage() + "\n"
                            + String.join("\n", history),
                    e);
        } finally {
            baton.killAll();
        }
    }

    // --- one step

    private void step() {
        List<PodName> ready = daemon.ready();
        int dice = random.nextInt(100);
        if (dice < 55 && !baton.parked().isEmpty()) {
            runOne();
        } else if (dice < 80 && !ready.isEmpty()) {
            daemon.turn(ready.get(random.nextInt(ready.size())));
        } else if (dice < 86) {
            edit();
        } else if (dice < 90) {
            crashSomething();
        } else if (dice < 94) {
            fault();
        } else if (dice < 96) {
            note("the daemon is killed");
            baton.killAll();
            daemon = new Daemon();
        } else if (dice < 97) {
            note("the runtime goes away and comes back");
            runtime.goDown();
            for (int i = random.nextInt(3); i > 0 && !baton.parked().isEmpty(); i--) {
                runOne();
            }
            runtime.comeBack();
        } else {
            advance();
        }
    }

    private void runOne() {
        Baton.Actor actor = baton.parked().get(random.nextInt(baton.parked().size()));
        note(actor.parkedAt());
        baton.run(actor);
    }

    private void edit() {
        PodName name = NAMES.get(random.nextInt(NAMES.size()));
        Pod before = wanted.get(name);
        if (before != null) {
            mayEnd.add(before.uid());
        }
        if (before != null && random.nextInt(3) == 0) {
            note("remove " + name);
            wanted.remove(name);
        } else {
            Pod pod = shape(name);
            note("want " + name + " " + pod.uid());
            wanted.put(name, pod);
            everWanted.put(pod.uid(), pod);
        }
        daemon.ensure(name);
    }

    private Pod shape(PodName name) {
        RestartPolicy policy = random.nextInt(4) == 0 ? RestartPolicy.Never : RestartPolicy.Always;
        boolean two = random.nextBoolean();
        int further = random.nextInt(16);
        String uid = uid(name.name() + random.nextInt(3) + policy + two + further);
        Pod pod = two ? TestPods.pod(name, uid, policy, "app", "log") : TestPods.pod(name, uid, policy, "app");
        if (further >= 10) {
            return pod;
        }
        List<ContainerSpec> inits = switch (further % 5) {
            case 0 -> List.of(TestPods.spec("i1").build());
            case 1 -> List.of(TestPods.spec("i1").build(), TestPods.spec("i2").build());
            case 2 -> List.of(TestPods.sidecar("s1"));
            case 3 -> List.of(TestPods.sidecar("s1"), TestPods.spec("i1").build(), TestPods.sidecar("s2"));
            default -> List.of();
        };
        List<ContainerSpec> mains = new ArrayList<>(pod.spec().containers());
        if (further % 2 == 0) {
            ContainerRestart.Rule rule =
                    new ContainerRestart.Rule(ContainerRestart.Action.RestartAllContainers, true, Set.of(RESTARTS_ALL));
            mains.set(
                    0,
                    TestPods.spec("app")
                            .restart(new ContainerRestart(Optional.empty(), List.of(rule)))
                            .build());
        }
        return TestPods.with(
                pod,
                PodSpec.builder(mains)
                        .initContainers(inits)
                        .restartPolicy(policy)
                        .terminationGracePeriod(TestPods.GRACE)
                        .activeDeadline(further % 3 == 0 ? Optional.of(Duration.ofMinutes(2)) : Optional.empty())
                        .build());
    }

    private void crashSomething() {
        List<Container> running = runtime.containers().stream()
                .filter(c -> c.state() == ContainerState.RUNNING)
                .toList();
        List<PodSandbox> ready = runtime.sandboxes().stream()
                .filter(s -> s.state() == PodSandboxState.READY)
                .toList();
        if (!running.isEmpty() && random.nextInt(4) > 0) {
            Container victim = running.get(random.nextInt(running.size()));
            note("crash " + victim.metadata().name() + " of " + uid(victim));
            int exitCode = random.nextInt(5) == 0 ? RESTARTS_ALL : random.nextInt(2) == 0 ? 0 : 137;
            order.exited(victim, exitCode);
            if (exitCode == RESTARTS_ALL) {
                mayEnd.add(uid(victim));
            }
            runtime.exit(victim.id(), exitCode);
        } else if (!ready.isEmpty()) {
            PodSandbox victim = ready.get(random.nextInt(ready.size()));
            note("kill sandbox of " + victim.metadata().uid());
            runtime.killSandbox(victim.id());
        }
        if (random.nextInt(5) > 0) {
            daemon.workers.keySet().forEach(name -> daemon.due.put(name, time.instant()));
        }
    }

    private void fault() {
        String operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
        switch (random.nextInt(4)) {
            case 0 -> runtime.faults().loseAnswer(operation);
            case 1 -> runtime.faults().failBefore(operation, o -> new CriException.DeadlineExceeded(o, "too slow"));
            case 2 -> runtime.faults().failAfter(operation, o -> new CriException.DeadlineExceeded(o, "too slow"));
            default -> runtime.faults().failBefore(operation, o -> new CriException.Failed(o, "it does not like it"));
        }
        note("the next " + operation + " fails");
    }

    private void advance() {
        Optional<Instant> next = daemon.due.values().stream()
                .filter(due -> due.isAfter(time.instant()) && due.isBefore(Instant.MAX))
                .min(Instant::compareTo);
        if (random.nextBoolean() && next.isPresent()) {
            time.advanceTo(next.get());
        } else {
            time.advance(Duration.ofMillis(random.nextInt(2000)));
        }
        note("it is " + time.instant());
    }

    // --- the end

    /** Nothing goes wrong any more, time passes: everything must come to rest. */
    private void settle() {
        runtime.faults().clear();
        Instant start = time.instant();
        for (int i = 0; i < 20_000; i++) {
            if (!baton.parked().isEmpty()) {
                note(baton.parked().getFirst().parkedAt());
                baton.run(baton.parked().getFirst());
            } else if (!daemon.ready().isEmpty()) {
                daemon.turn(daemon.ready().getFirst());
            } else if (endInitContainers()) {
                daemon.workers.keySet().forEach(name -> daemon.due.put(name, time.instant()));
            } else if (Duration.between(start, time.instant()).compareTo(Duration.ofMinutes(30)) > 0) {
                return;
            } else {
                Instant next =
                        daemon.due.values().stream().min(Instant::compareTo).orElse(Instant.MAX);
                time.advanceTo(next.isBefore(Instant.MAX) ? next : start.plus(Duration.ofMinutes(31)));
            }
            checkOneOfEach();
        }
        throw new AssertionError("nothing comes to rest");
    }

    /** Every init container that runs does its work; whether there was one. */
    private boolean endInitContainers() {
        List<Container> running = runtime.containers().stream()
                .filter(c -> c.state() == ContainerState.RUNNING
                        && c.metadata().name().startsWith("i"))
                .toList();
        for (Container init : running) {
            note(init.metadata().name() + " of " + uid(init) + " has done its work");
            order.exited(init, 0);
            runtime.exit(init.id(), 0);
        }
        return !running.isEmpty();
    }

    private void checkARestartedDaemonDoesNothing() {
        note("the daemon is restarted");
        daemon = new Daemon();
        mutations.set(0);
        daemon.workers.keySet().stream().toList().forEach(daemon::turn);
        while (!baton.parked().isEmpty()) {
            baton.run(baton.parked().getFirst());
        }
        assertEquals(0, mutations.get(), "I2: a restarted daemon changed something");
    }

    // --- what must hold

    /** I1, and what was found meanwhile. */
    private void checkOneOfEach() {
        assertEquals(null, violations.peek());
        Map<String, String> versions = new HashMap<>();
        Set<String> live = new HashSet<>();
        for (Container container : runtime.containers()) {
            if (container.state() == ContainerState.RUNNING) {
                order.running(container);
                String pod = container.labels().get(Labels.POD_NAME);
                String other = versions.putIfAbsent(pod, uid(container));
                assertTrue(
                        other == null || other.equals(uid(container)),
                        "I1: versions " + other + " and " + uid(container) + " live at once");
                assertTrue(
                        live.add(pod + "/" + container.metadata().name()),
                        "I1: two instances of " + container.metadata().name() + " live in " + pod);
            }
        }
    }

    /** I3, and that what has ended leaves nothing behind. */
    private void checkAllIsWell() {
        for (Pod pod : wanted.values()) {
            List<Container> own = runtime.containers().stream()
                    .filter(c -> uid(c).equals(pod.uid()))
                    .toList();
            if (pod.spec().activeDeadline().isPresent()) {
                assertTrue(own.stream().noneMatch(c -> c.state() == ContainerState.RUNNING), "its time is over");
                assertTrue(!own.isEmpty(), "I3: " + pod.uid() + " was run");
            } else if (pod.spec().restartPolicy() == RestartPolicy.Always) {
                for (ContainerSpec spec : pod.spec().allContainers().toList()) {
                    assertEquals(
                            pod.spec().initContainers().contains(spec)
                                            && !pod.spec().isSidecar(spec)
                                    ? 0
                                    : 1,
                            own.stream()
                                    .filter(c -> c.metadata().name().equals(spec.name())
                                            && c.state() == ContainerState.RUNNING)
                                    .count(),
                            "I3: " + spec.name() + " of " + pod.uid() + " runs");
                }
            } else {
                assertTrue(!own.isEmpty(), "I3: " + pod.uid() + " was run");
            }
        }
        Set<String> uids = new HashSet<>();
        wanted.values().forEach(pod -> uids.add(pod.uid()));
        for (PodSandbox sandbox : runtime.sandboxes()) {
            assertTrue(uids.contains(sandbox.metadata().uid()), "left over: " + sandbox);
        }
    }

    // --- what the runtime is asked

    private void onCall(SimulatedCall call) {
        if (call.phase() == SimulatedCall.Phase.START) {
            baton.pass(call.operation() + " " + call.subject());
            watch(call);
        } else if (call.phase() == SimulatedCall.Phase.END) {
            if (call.operation().equals("RunPodSandbox")) {
                begunAfresh();
            }
            baton.pass(call.operation() + " answered");
        }
    }

    /** A version that is wanted and has just one sandbox is a new life, which has to be respected. */
    private void begunAfresh() {
        for (Pod pod : wanted.values()) {
            long sandboxes = runtime.sandboxes().stream()
                    .filter(s -> s.metadata().uid().equals(pod.uid()))
                    .count();
            long containers = runtime.containers().stream()
                    .filter(c -> uid(c).equals(pod.uid()))
                    .count();
            if (sandboxes == 1 && containers == 0) {
                mayEnd.remove(pod.uid());
            }
        }
    }

    private void watch(SimulatedCall call) {
        switch (call.operation()) {
            case "StopContainer" -> {
                mutations.incrementAndGet();
                runtime.containers().stream()
                        .filter(c -> c.id().value().equals(call.subject()))
                        .forEach(container -> {
                            checkMayStop(container);
                            checkTurn(container, order::brokenByStop);
                        });
            }
            case "StartContainer" -> {
                mutations.incrementAndGet();
                runtime.containers().stream()
                        .filter(c -> c.id().value().equals(call.subject()))
                        .forEach(container -> checkTurn(container, order::brokenByStart));
            }
            case "StopPodSandbox" -> {
                mutations.incrementAndGet();
                runtime.containers().stream()
                        .filter(c ->
                                c.podSandboxId().value().equals(call.subject()) && c.state() == ContainerState.RUNNING)
                        .forEach(this::checkMayStop);
            }
            case "RunPodSandbox", "CreateContainer", "RemovePodSandbox", "RemoveContainer" ->
                mutations.incrementAndGet();
            default -> {
                return;
            }
        }
    }

    /** I4: a running container is stopped only because its version is not wanted, or something newer replaces it. */
    private void checkMayStop(Container container) {
        String uid = uid(container);
        boolean isWanted = wanted.values().stream().anyMatch(pod -> pod.uid().equals(uid));
        boolean sandboxDead = runtime.sandboxes().stream()
                .noneMatch(s -> s.id().equals(container.podSandboxId()) && s.state() == PodSandboxState.READY);
        boolean newer = runtime.containers().stream()
                        .anyMatch(c -> uid(c).equals(uid)
                                && c.metadata()
                                        .name()
                                        .equals(container.metadata().name())
                                && c.metadata().attempt() > container.metadata().attempt())
                || runtime.sandboxes().stream()
                                .filter(s -> s.metadata().uid().equals(uid))
                                .count()
                        > 1;
        if (isWanted && !mayEnd.contains(uid) && !sandboxDead && !newer && !over(container)) {
            violations.add("I4: " + container.metadata().name() + " of " + uid + " is stopped without need");
        }
    }

    /** Its pod's time is over, or it is a sidecar and all that it served has ended. */
    private boolean over(Container container) {
        PodSpec spec = everWanted.get(uid(container)).spec();
        boolean late = spec.activeDeadline().isPresent()
                && runtime.sandboxes().stream()
                        .filter(s -> s.metadata().uid().equals(uid(container)))
                        .anyMatch(s ->
                                !s.createdAt().plus(spec.activeDeadline().get()).isAfter(time.instant()));
        boolean servesNobody = container.metadata().name().startsWith("s")
                && spec.restartPolicy() == RestartPolicy.Never
                && runtime.containers().stream()
                        .noneMatch(c -> uid(c).equals(uid(container))
                                && !c.metadata().name().startsWith("s")
                                && c.state() == ContainerState.RUNNING);
        return late || servesNobody;
    }

    private void checkTurn(Container container, BiFunction<Container, PodSpec, Optional<String>> check) {
        check.apply(container, everWanted.get(uid(container)).spec())
                .ifPresent(broken -> violations.add("order: " + broken + " in " + uid(container)));
    }

    private static String uid(Container container) {
        return container.labels().get(Labels.POD_UID);
    }

    /** What is done side by side is done in turn, so that one actor stays one thread. */
    private static Thread runHere(String name, Runnable work) {
        work.run();
        return new Thread(name);
    }

    private static String uid(String version) {
        return UUID.nameUUIDFromBytes(version.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
    }

    private void note(String what) {
        history.add(history.size() + " " + what);
    }
}
