package io.jubelet.cgroup;

import java.io.IOException;
import java.util.List;

/** Makes cgroups by the names of which {@link CgroupDriver} knows paths. Safe for use by many threads. */
sealed interface CgroupWriter permits CgroupfsWriter, SystemdWriter {

    /** Makes one with what leads to it, and sets its limits; one that is there gets the limits. */
    void make(List<String> name, CgroupLimits limits) throws IOException;

    /** Sets the limits of one that exists. */
    void set(List<String> name, CgroupLimits limits) throws IOException;

    /**
     * Removes one with all that is empty below it; done when there is none.
     *
     * @throws IOException when processes are left in it
     */
    void remove(List<String> name) throws IOException;
}
