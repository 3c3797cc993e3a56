package io.jubelet.cri.simulated;

import java.util.List;

/** What the programs of an image do. Called for the process of a container and for every exec in it. */
@FunctionalInterface
public interface ProcessBehaviour {
    /**
     * The process of this command line, which is empty when the container relies on the entry point of its image.
     * Must not block and must not call the runtime.
     */
    SimulatedProcess start(List<String> command);
}
