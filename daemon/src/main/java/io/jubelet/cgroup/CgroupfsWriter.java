/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.io.IOException;
import java.util.List;

/** Creates cgroups as directories. */
record CgroupfsWriter(CgroupTree tree) implements CgroupWriter {

    @Override
    public void make(List<String> name, CgroupLimits limits) throws IOException {
        tree.make(CgroupDriver.CGROUPFS.path(name), limits);
    }

    @Override
    public void set(List<String> name, CgroupLimits limits) throws IOException {
        tree.set(CgroupDriver.CGROUPFS.path(name), limits);
    }

    @Override
    public void remove(List<String> name) throws IOException {
        tree.remove(CgroupDriver.CGROUPFS.path(name));
    }
}
