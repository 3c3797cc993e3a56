/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import java.util.Optional;

/**
 * The configuration of the daemon: every value that it is given at start, defaults included. Immutable.
 *
 * @param node which node this is, and where its files are
 * @param runtime the container runtime, and how containers are run
 * @param resources what pods may take of the node
 * @param listeners the ports that are opened
 * @param cluster the cluster that the node belongs to
 * @param kubeletConfiguration the same as a KubeletConfiguration in JSON; empty where no port serves it
 */
public record DaemonConfig(
        NodeConfig node,
        RuntimeConfig runtime,
        ResourceConfig resources,
        ListenerConfig listeners,
        ClusterConfig cluster,
        Optional<String> kubeletConfiguration) {}
