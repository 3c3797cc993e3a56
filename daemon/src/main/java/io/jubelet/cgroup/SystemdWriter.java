/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Makes systemd create slices. Their cgroups exist from the start of their first scope until they
 * are stopped. A slice has no property for huge pages, so only the limits of containers apply to
 * them.
 */
final class SystemdWriter implements CgroupWriter {

    private static final String UNIT_EXISTS = "org.freedesktop.systemd1.UnitExists";
    private static final Set<String> GONE =
            Set.of("org.freedesktop.systemd1.NoSuchUnit", "org.freedesktop.DBus.Error.UnknownObject");

    private static final long SECOND_MICROS = 1_000_000;
    private static final long PERCENT_MICROS = 10_000;

    private final CgroupTree tree;
    private final SystemBus bus;

    SystemdWriter(CgroupTree tree) {
        this(tree, new SystemBus(SystemBus.SOCKET));
    }

    SystemdWriter(CgroupTree tree, SystemBus bus) {
        this.tree = tree;
        this.bus = bus;
    }

    @Override
    public void make(List<String> name, CgroupLimits limits) throws IOException {
        String slice = CgroupDriver.slice(name);
        DbusBody body = new DbusBody().text(slice).text("replace");
        int properties = body.beginArray();
        body.property("Description", "pods of Jubelet, " + slice).property("DefaultDependencies", false);
        if (name.size() > 1) {
            body.property("Wants", List.of(CgroupDriver.slice(name.subList(0, name.size() - 1))));
        }
        for (String controller : List.of("CPU", "Memory", "Tasks")) {
            body.property(controller + "Accounting", true);
        }
        add(limits, body);
        body.endArray(properties);
        body.endArray(body.beginArray());
        String error = bus.callSystemd("StartTransientUnit", "ssa(sv)a(sa(sv))", body);
        if (error.equals(UNIT_EXISTS)) {
            set(name, limits);
        } else if (!error.isEmpty()) {
            throw new IOException("systemd failed to start " + slice + ": " + error);
        }
    }

    @Override
    public void set(List<String> name, CgroupLimits limits) throws IOException {
        String slice = CgroupDriver.slice(name);
        DbusBody body = new DbusBody().text(slice).flag(true);
        int properties = body.beginArray();
        add(limits, body);
        body.endArray(properties);
        String error = bus.callSystemd("SetUnitProperties", "sba(sv)", body);
        if (!error.isEmpty()) {
            throw new IOException("systemd failed to set the limits of " + slice + ": " + error);
        }
    }

    private void add(CgroupLimits limits, DbusBody body) {
        boolean v2 = tree instanceof CgroupV2;
        if (limits.cpuShares() > 0) {
            body.property(v2 ? "CPUWeight" : "CPUShares", v2 ? CpuTime.weight(limits.cpuShares()) : limits.cpuShares());
        }
        if (limits.cpuQuotaMicros() > 0) {
            body.property("CPUQuotaPeriodUSec", limits.cpuPeriodMicros())
                    .property("CPUQuotaPerSecUSec", perSecond(limits));
        }
        if (limits.memoryBytes() > 0) {
            body.property(v2 ? "MemoryMax" : "MemoryLimit", limits.memoryBytes());
        }
        if (limits.pids() > 0) {
            body.property("TasksMax", limits.pids());
        }
    }

    /**
     * The quota in microseconds per second, rounded up to whole percents of a processor, which
     * systemd counts; so does runc.
     */
    private static long perSecond(CgroupLimits limits) {
        long micros = limits.cpuQuotaMicros() * SECOND_MICROS / limits.cpuPeriodMicros();
        return Math.ceilDiv(micros, PERCENT_MICROS) * PERCENT_MICROS;
    }

    @Override
    public void remove(List<String> name) throws IOException {
        String path = CgroupDriver.SYSTEMD.path(name);
        if (!tree.processes(path).isEmpty()) {
            throw new IOException("the slice contains processes");
        }
        DbusBody body = new DbusBody().text(CgroupDriver.slice(name)).text("replace");
        String error = bus.callSystemd("StopUnit", "ss", body);
        if (!error.isEmpty() && !GONE.contains(error)) {
            throw new IOException("systemd failed to stop " + CgroupDriver.slice(name) + ": " + error);
        }
        tree.remove(path);
    }
}
