package io.jubelet.api;

import io.jubelet.plan.PullProgress;
import io.jubelet.pod.PodName;
import java.util.List;

/** Where the progress of pulls comes from. */
@FunctionalInterface
public interface PullSource {

    /** The pulls that a pod waits for at this moment. May ask the runtime when there are any. */
    List<PullProgress> of(PodName pod);
}
