package io.jubelet.observed;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Lists everything of ours and tells which pods look different from the list before: the safety net below event hints,
 * and how running pods are found at the start.
 *
 * <p>Of a list it keeps one number for each pod. One thread relists; {@link #lastSuccess()} may be asked by any.
 */
public final class Relist {

    private final RuntimeService runtime;
    private final String node;
    private final InstantSource clock;
    private Map<PodName, Long> summaries = Map.of();
    private volatile Instant lastSuccess;

    public Relist(RuntimeService runtime, String node, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.node = Objects.requireNonNull(node, "node");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Takes a list. Blocks.
     *
     * @return the pods whose sandboxes, containers or their states differ from those of the list before, also those of
     *     which nothing is left; at first, all that are there
     * @throws io.jubelet.cri.CriException the runtime does not answer; the list before still counts as the last
     */
    public Set<PodName> relist() {
        Map<PodName, Long> now = new HashMap<>();
        for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(node)))) {
            add(now, sandbox.labels(), sandbox.id().value(), sandbox.state().ordinal());
        }
        for (Container container : runtime.listContainers(ContainerFilter.labels(Labels.ofNode(node)))) {
            add(
                    now,
                    container.labels(),
                    container.id().value(),
                    container.state().ordinal());
        }
        Set<PodName> changed = new HashSet<>();
        now.forEach((name, summary) -> {
            if (!summary.equals(summaries.get(name))) {
                changed.add(name);
            }
        });
        summaries.keySet().stream().filter(name -> !now.containsKey(name)).forEach(changed::add);
        summaries = now;
        lastSuccess = clock.instant();
        return changed;
    }

    /** When the last list was complete; empty before the first. */
    public Optional<Instant> lastSuccess() {
        return Optional.ofNullable(lastSuccess);
    }

    private void add(Map<PodName, Long> summaries, Map<String, String> labels, String id, int state) {
        Labels.podName(labels, node).ifPresent(name -> summaries.merge(name, mixed(id, state), Long::sum));
    }

    /** A 64-bit FNV-1a of both, stirred so that sums of several do not meet. */
    private static long mixed(String id, int state) {
        long hash = 0xcbf29ce484222325L ^ state;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 32;
        return hash * 0x9e3779b97f4a7c15L;
    }
}
