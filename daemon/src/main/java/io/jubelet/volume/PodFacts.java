package io.jubelet.volume;

import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Pod;
import java.io.IOException;

/** Tells what a pod may know of itself. */
public interface PodFacts {

    /**
     * A field or resource of a pod as text.
     *
     * @throws IOException when it cannot be had; the message is for the user
     */
    String value(Pod pod, EnvVar.Source source) throws IOException;
}
