/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.CgroupDriver;
import io.jubelet.cri.ContainerEventType;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.MetricType;
import io.jubelet.cri.MountPropagation;
import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.Protocol;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.cri.Signal;
import io.jubelet.cri.SupplementalGroupsPolicy;
import io.jubelet.cri.proto.Cri;

/**
 * Enums: Java values to wire values and back. An unknown value of a newer runtime becomes the most
 * cautious known one.
 */
final class EnumMapping {
    private EnumMapping() {}

    static Cri.Protocol toWire(Protocol value) {
        return switch (value) {
            case TCP -> Cri.Protocol.TCP;
            case UDP -> Cri.Protocol.UDP;
            case SCTP -> Cri.Protocol.SCTP;
        };
    }

    static Cri.MountPropagation toWire(MountPropagation value) {
        return switch (value) {
            case PRIVATE -> Cri.MountPropagation.PROPAGATION_PRIVATE;
            case HOST_TO_CONTAINER -> Cri.MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
            case BIDIRECTIONAL -> Cri.MountPropagation.PROPAGATION_BIDIRECTIONAL;
        };
    }

    static MountPropagation fromWire(Cri.MountPropagation wire) {
        return switch (wire) {
            case PROPAGATION_PRIVATE, UNRECOGNIZED -> MountPropagation.PRIVATE;
            case PROPAGATION_HOST_TO_CONTAINER -> MountPropagation.HOST_TO_CONTAINER;
            case PROPAGATION_BIDIRECTIONAL -> MountPropagation.BIDIRECTIONAL;
        };
    }

    static Cri.NamespaceMode toWire(NamespaceMode value) {
        return switch (value) {
            case POD -> Cri.NamespaceMode.POD;
            case CONTAINER -> Cri.NamespaceMode.CONTAINER;
            case NODE -> Cri.NamespaceMode.NODE;
            case TARGET -> Cri.NamespaceMode.TARGET;
        };
    }

    static NamespaceMode fromWire(Cri.NamespaceMode wire) {
        return switch (wire) {
            case POD, UNRECOGNIZED -> NamespaceMode.POD;
            case CONTAINER -> NamespaceMode.CONTAINER;
            case NODE -> NamespaceMode.NODE;
            case TARGET -> NamespaceMode.TARGET;
        };
    }

    static Cri.SupplementalGroupsPolicy toWire(SupplementalGroupsPolicy value) {
        return switch (value) {
            case MERGE -> Cri.SupplementalGroupsPolicy.Merge;
            case STRICT -> Cri.SupplementalGroupsPolicy.Strict;
        };
    }

    static Cri.PodSandboxState toWire(PodSandboxState value) {
        return switch (value) {
            case READY -> Cri.PodSandboxState.SANDBOX_READY;
            case NOT_READY -> Cri.PodSandboxState.SANDBOX_NOTREADY;
        };
    }

    static PodSandboxState fromWire(Cri.PodSandboxState wire) {
        return switch (wire) {
            case SANDBOX_READY -> PodSandboxState.READY;
            case SANDBOX_NOTREADY, UNRECOGNIZED -> PodSandboxState.NOT_READY;
        };
    }

    // The names are the same on both sides, which WireCompletenessTest checks.
    static Cri.Signal toWire(Signal signal) {
        return Cri.Signal.valueOf(signal.name());
    }

    static Signal fromWire(Cri.Signal wire) {
        return wire == Cri.Signal.UNRECOGNIZED ? Signal.RUNTIME_DEFAULT : Signal.valueOf(wire.name());
    }

    static Cri.ContainerState toWire(ContainerState value) {
        return switch (value) {
            case CREATED -> Cri.ContainerState.CONTAINER_CREATED;
            case RUNNING -> Cri.ContainerState.CONTAINER_RUNNING;
            case EXITED -> Cri.ContainerState.CONTAINER_EXITED;
            case UNKNOWN -> Cri.ContainerState.CONTAINER_UNKNOWN;
        };
    }

    static ContainerState fromWire(Cri.ContainerState wire) {
        return switch (wire) {
            case CONTAINER_CREATED -> ContainerState.CREATED;
            case CONTAINER_RUNNING -> ContainerState.RUNNING;
            case CONTAINER_EXITED -> ContainerState.EXITED;
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> ContainerState.UNKNOWN;
        };
    }

    static ContainerEventType fromWire(Cri.ContainerEventType wire) {
        return switch (wire) {
            case CONTAINER_CREATED_EVENT -> ContainerEventType.CREATED;
            case CONTAINER_STARTED_EVENT -> ContainerEventType.STARTED;
            case CONTAINER_STOPPED_EVENT, UNRECOGNIZED -> ContainerEventType.STOPPED;
            case CONTAINER_DELETED_EVENT -> ContainerEventType.DELETED;
        };
    }

    static MetricType fromWire(Cri.MetricType wire) {
        return switch (wire) {
            case COUNTER -> MetricType.COUNTER;
            case GAUGE, UNRECOGNIZED -> MetricType.GAUGE;
        };
    }

    static CgroupDriver fromWire(Cri.CgroupDriver wire) {
        return switch (wire) {
            case SYSTEMD -> CgroupDriver.SYSTEMD;
            case CGROUPFS, UNRECOGNIZED -> CgroupDriver.CGROUPFS;
        };
    }

    static Cri.SecurityProfile.ProfileType toWire(SecurityProfile.ProfileType value) {
        return switch (value) {
            case RUNTIME_DEFAULT -> Cri.SecurityProfile.ProfileType.RuntimeDefault;
            case UNCONFINED -> Cri.SecurityProfile.ProfileType.Unconfined;
            case LOCALHOST -> Cri.SecurityProfile.ProfileType.Localhost;
        };
    }
}
