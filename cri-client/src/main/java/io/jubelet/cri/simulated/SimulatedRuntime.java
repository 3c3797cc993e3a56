package io.jubelet.cri.simulated;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.RuntimeService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A runtime in memory. The services it hands out behave as those of containerd; the methods here are what happens to a
 * runtime from outside: processes die, images are published, connections break. May be used by any thread.
 *
 * <p>What a container does is told by its command line: {@code sh -c "echo hello; sleep 5; exit 3"} does just that, in
 * simulated time, and anything that is not one of a few shell commands runs until it is stopped. See
 * {@link #behaviour(String, ProcessBehaviour)} to have it otherwise.
 */
public final class SimulatedRuntime {
    private final SimulatedCalls calls;
    private final SimulatedState state;
    private final SimulatedImages images = new SimulatedImages();
    private final SimulatedEvents events;
    private final SimulatedRuntimeService runtimeService;
    private final SimulatedImageService imageService;
    private final Map<String, ProcessBehaviour> behaviours = new ConcurrentHashMap<>();
    private final ProcessBehaviour shell = new ShellBehaviour();

    private SimulatedRuntime(SimulatedClock clock, boolean writingLogs) {
        SimulatedLogs logs = new SimulatedLogs(writingLogs);
        calls = new SimulatedCalls(clock);
        events = new SimulatedEvents(clock);
        state = new SimulatedState(clock, events, logs);
        runtimeService = new SimulatedRuntimeService(calls, state, images, events, logs, this::behaviour);
        imageService = new SimulatedImageService(calls, images);
    }

    /** A runtime without sandboxes and images, which writes no logs. */
    public static SimulatedRuntime create(SimulatedClock clock) {
        return new SimulatedRuntime(clock, false);
    }

    /** As {@link #create}, which writes container logs into log directories that exist. */
    public static SimulatedRuntime createWritingLogs(SimulatedClock clock) {
        return new SimulatedRuntime(clock, true);
    }

    /** Sandboxes and containers. */
    public RuntimeService runtimeService() {
        return runtimeService;
    }

    /** Images. */
    public ImageService imageService() {
        return imageService;
    }

    /** Event hints. */
    public RuntimeEvents events() {
        return events;
    }

    /** The images there are in the world, and those which the runtime has. */
    public SimulatedImages images() {
        return images;
    }

    /** What shall go wrong. */
    public FaultInjector faults() {
        return calls.faults;
    }

    /**
     * Tells all points of all calls from now on, on the thread of the caller and outside of all locks: there it may be
     * parked, or made to throw. Replaces the one given before.
     */
    public void onCall(Consumer<SimulatedCall> hook) {
        calls.hook(hook);
    }

    /** Every call takes this long, in simulated time, before it has its effect. */
    public void latency(Duration duration) {
        calls.latency(duration);
    }

    /** Calls of this operation, by its CRI name, take this long. */
    public void latency(String operation, Duration duration) {
        calls.latency(operation, duration);
    }

    /** What programs of this image do, named as in the container configuration. */
    public void behaviour(String image, ProcessBehaviour behaviour) {
        behaviours.put(image, behaviour);
    }

    private ProcessBehaviour behaviour(ContainerConfig config) {
        return behaviours.getOrDefault(config.image().image(), shell);
    }

    /** Ends the process of a running container; of another one it does nothing. */
    public void exit(ContainerId container, int exitCode) {
        state.kill(container, exitCode, exitCode == 0 ? "Completed" : "Error");
    }

    /**
     * Ends the process of a running container as the kernel does when memory is short. Of one that was killed already it is noted
     * why: containerd hears of the two on separate ways.
     */
    public void oomKill(ContainerId container) {
        state.oomKill(container);
    }

    /** The process of the sandbox itself dies; its containers go on. */
    public void killSandbox(PodSandboxId sandbox) {
        state.killSandbox(sandbox);
    }

    /** The runtime goes away: streams break, calls fail as unavailable, containers go on. */
    public void goDown() {
        calls.down(true);
        events.down(true);
    }

    /** The runtime is back, with all it had. */
    public void comeBack() {
        events.down(false);
        calls.down(false);
    }

    /** Whether events get lost from now on, while streams stay open. */
    public void dropEvents(boolean lose) {
        events.silent(lose);
    }

    /** Whether there is an event stream at all; streams already open stay. */
    public void supportEvents(boolean have) {
        events.missing(!have);
    }

    /** What the status says about the network from now on. */
    public void networkReady(boolean ready) {
        runtimeService.networkReady(ready);
    }

    /** All sandboxes, seen without a call. */
    public List<PodSandbox> sandboxes() {
        return state.sandboxes(PodSandboxFilter.all(), SimulatedSandbox::listed);
    }

    /** All containers, seen without a call. */
    public List<Container> containers() {
        return state.containers(ContainerFilter.all(), SimulatedContainer::listed);
    }
}
