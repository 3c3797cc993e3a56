package io.jubelet.observed;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.pod.PodName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Lists everything of ours on the runtime and tells for which pods something changed since the last time: the PLEG's
 * safety net, and what finds the pods to adopt at the start. Confined to one thread.
 */
public final class Relist {

    private final RuntimeService runtime;
    private final Map<String, String> ours;
    private final String suffix;
    private Map<PodName, Long> fingerprints = new HashMap<>();

    public Relist(RuntimeService runtime, String node) {
        this.runtime = runtime;
        this.ours = Map.of(Labels.OWNER, node);
        this.suffix = "-" + node;
    }

    /**
     * Lists and compares.
     *
     * @return pods of which anything appeared, vanished or changed its state; the first time, all
     * @throws io.jubelet.cri.CriException when the runtime cannot be asked; the next time compares with the last success
     */
    public Set<PodName> changed() {
        Map<PodName, Long> now = new HashMap<>();
        for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(ours))) {
            add(now, sandbox.labels(), sandbox.id().value(), sandbox.state().ordinal());
        }
        for (Container container : runtime.listContainers(ContainerFilter.labels(ours))) {
            add(
                    now,
                    container.labels(),
                    container.id().value(),
                    container.state().ordinal());
        }
        Set<PodName> changed = new HashSet<>();
        now.forEach((name, fingerprint) -> {
            if (!fingerprint.equals(fingerprints.get(name))) {
                changed.add(name);
            }
        });
        fingerprints.keySet().stream().filter(name -> !now.containsKey(name)).forEach(changed::add);
        fingerprints = now;
        return changed;
    }

    /** Order does not matter: the states of all things are summed up. */
    private void add(Map<PodName, Long> fingerprints, Map<String, String> labels, String id, int state) {
        String name = labels.getOrDefault(Labels.POD_NAME, "");
        String namespace = labels.getOrDefault(Labels.POD_NAMESPACE, "");
        if (name.endsWith(suffix) && name.length() > suffix.length() && !namespace.isEmpty()) {
            PodName pod = new PodName(namespace, name.substring(0, name.length() - suffix.length()));
            long mixed = (id.hashCode() * 31L + state + 1) * 0x9E3779B97F4A7C15L;
            fingerprints.merge(pod, mixed, Long::sum);
        }
    }
}
