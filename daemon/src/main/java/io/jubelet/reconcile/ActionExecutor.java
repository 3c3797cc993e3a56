package io.jubelet.reconcile;

import io.jubelet.concurrent.CancellationToken;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.Eviction;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Optional;

/** The only door from deciding to doing. Implemented by {@code runtime}; every method may block. */
public interface ActionExecutor {

    /**
     * Executes one action, idempotently: what is already so counts as done.
     *
     * @param action what to do
     * @param before what was known to be on the runtime
     * @param cancellation withdrawn when something else is wanted of the pod: what may take without end is then given up
     * @return what is known to be there afterwards
     * @throws ActionFailedException when the pod or the node is at fault
     * @throws io.jubelet.cri.CriException when the runtime is
     */
    ObservedPod execute(PodAction action, ObservedPod before, CancellationToken cancellation);

    /** Executes one action, whatever may be wanted meanwhile. */
    default ObservedPod execute(PodAction action, ObservedPod before) {
        return execute(action, before, new CancellationToken());
    }

    /**
     * What is known of the images of some versions of a pod, without asking the runtime. What is known of images of other
     * versions of that pod is forgotten, and pulls that nobody else waits for are given up.
     *
     * @param name whose worker has to be woken when a pull ends that this tells of, whoever began it
     */
    ImageStates images(PodName name, List<Pod> versions);

    /** Whether a version has to begin afresh, because it has put too much into a volume, or may not begin again yet. */
    default Optional<Eviction> eviction(String uid) {
        return Optional.empty();
    }

    /**
     * Why the node cannot run a version as it wants to, whoever else runs there. The runtime is asked only for pods that want
     * what not every runtime can, and then once.
     */
    default Optional<AdmissionRejection> rejection(Pod pod) {
        return Optional.empty();
    }

    /** Why pods cannot have a network of their own now, as far as is known without asking the runtime. */
    Optional<String> networkProblem();

    /** The content of a version that was started earlier, as kept beside its volumes; empty when lost. */
    Optional<Pod> loadPod(String uid);
}
