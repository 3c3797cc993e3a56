/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.RuntimeConfig;
import io.jubelet.cri.RuntimeConfigResponse;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.VersionResponse;
import io.jubelet.cri.proto.Cri;

/** The runtime itself: records to wire messages and back. */
final class RuntimeMapping {
    private RuntimeMapping() {}

    static VersionResponse fromWire(Cri.VersionResponse wire) {
        return new VersionResponse(
                wire.getVersion(), wire.getRuntimeName(), wire.getRuntimeVersion(), wire.getRuntimeApiVersion());
    }

    static Cri.RuntimeConfig toWire(RuntimeConfig config) {
        Cri.RuntimeConfig.Builder wire = Cri.RuntimeConfig.newBuilder();
        if (config.networkConfig() != null) {
            wire.setNetworkConfig(toWire(config.networkConfig()));
        }
        return wire.build();
    }

    static Cri.NetworkConfig toWire(RuntimeConfig.NetworkConfig config) {
        return Cri.NetworkConfig.newBuilder().setPodCidr(config.podCidr()).build();
    }

    static StatusResponse fromWire(Cri.StatusResponse wire) {
        return new StatusResponse(
                wire.hasStatus() ? fromWire(wire.getStatus()) : null,
                wire.getInfoMap(),
                ValueMapping.map(wire.getRuntimeHandlersList(), RuntimeMapping::fromWire),
                wire.hasFeatures() ? fromWire(wire.getFeatures()) : null);
    }

    static StatusResponse.RuntimeStatus fromWire(Cri.RuntimeStatus wire) {
        return new StatusResponse.RuntimeStatus(ValueMapping.map(wire.getConditionsList(), RuntimeMapping::fromWire));
    }

    static StatusResponse.RuntimeCondition fromWire(Cri.RuntimeCondition wire) {
        return new StatusResponse.RuntimeCondition(
                wire.getType(), wire.getStatus(), wire.getReason(), wire.getMessage());
    }

    static StatusResponse.RuntimeHandler fromWire(Cri.RuntimeHandler wire) {
        return new StatusResponse.RuntimeHandler(
                wire.getName(), wire.hasFeatures() ? fromWire(wire.getFeatures()) : null);
    }

    static StatusResponse.RuntimeHandlerFeatures fromWire(Cri.RuntimeHandlerFeatures wire) {
        return new StatusResponse.RuntimeHandlerFeatures(wire.getRecursiveReadOnlyMounts(), wire.getUserNamespaces());
    }

    static StatusResponse.RuntimeFeatures fromWire(Cri.RuntimeFeatures wire) {
        return new StatusResponse.RuntimeFeatures(
                wire.getSupplementalGroupsPolicy(), wire.getUserNamespacesHostNetwork());
    }

    static RuntimeConfigResponse fromWire(Cri.RuntimeConfigResponse wire) {
        return new RuntimeConfigResponse(wire.hasLinux() ? fromWire(wire.getLinux()) : null);
    }

    static RuntimeConfigResponse.LinuxRuntimeConfiguration fromWire(Cri.LinuxRuntimeConfiguration wire) {
        return new RuntimeConfigResponse.LinuxRuntimeConfiguration(EnumMapping.fromWire(wire.getCgroupDriver()));
    }
}
