/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Resource usage of the node and its pods at one moment, with the content of the kubelet's Summary API.
 *
 * @param pods those that have a sandbox, sorted by namespace and name
 */
public record Summary(Node node, List<Pod> pods) {

    public Summary {
        Objects.requireNonNull(node, "node");
        pods = List.copyOf(pods);
    }

    /**
     * The node.
     *
     * @param startTime when it was booted
     * @param network of the node itself; empty if it was not requested
     * @param disks empty if they were not requested
     * @param processes empty if they were not requested
     * @param systemGroups groups of processes that are no container, by the names that the kubelet has for them
     */
    public record Node(
            String name,
            Instant startTime,
            Usage usage,
            Optional<Network> network,
            Optional<Disks> disks,
            Optional<Processes> processes,
            List<Group> systemGroups) {
        public Node {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(startTime, "startTime");
            Objects.requireNonNull(usage, "usage");
            Objects.requireNonNull(network, "network");
            Objects.requireNonNull(disks, "disks");
            Objects.requireNonNull(processes, "processes");
            systemGroups = List.copyOf(systemGroups);
        }

        Node with(Usage other, List<Group> groups) {
            return new Node(name, startTime, other, network, disks, processes, groups);
        }
    }

    /**
     * The file systems of the node.
     *
     * @param node with the directories of pods
     * @param images with the images of the runtime; its {@code used} is what images use
     * @param containers with the writable layers of containers; its {@code used} is what they use
     */
    public record Disks(Optional<FileSystem> node, Optional<FileSystem> images, Optional<FileSystem> containers) {
        public Disks {
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(images, "images");
            Objects.requireNonNull(containers, "containers");
        }
    }

    /**
     * Processes of the node, threads included.
     *
     * @param most how many there can be
     * @param running how many there are
     */
    public record Processes(Instant time, long most, long running) {
        public Processes {
            Objects.requireNonNull(time, "time");
        }
    }

    /** A group of processes, such as all pods together. */
    public record Group(String name, Instant startTime, Usage usage) {
        public Group {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(startTime, "startTime");
            Objects.requireNonNull(usage, "usage");
        }
    }

    /**
     * Identifies a pod.
     *
     * @param name with the suffix of the node
     */
    public record PodReference(String namespace, String name, String uid) {
        public PodReference {
            Objects.requireNonNull(namespace, "namespace");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(uid, "uid");
        }
    }

    /**
     * A pod.
     *
     * @param startTime when its sandbox was created
     * @param containers those that run
     * @param network empty if the pod uses the network of the node, or if it was not requested
     * @param storage empty if it was not requested
     * @param processes how many there are
     */
    public record Pod(
            PodReference reference,
            Instant startTime,
            Usage usage,
            List<Container> containers,
            Optional<Network> network,
            Optional<Storage> storage,
            OptionalLong processes) {
        public Pod {
            Objects.requireNonNull(reference, "reference");
            Objects.requireNonNull(startTime, "startTime");
            Objects.requireNonNull(usage, "usage");
            containers = List.copyOf(containers);
            Objects.requireNonNull(network, "network");
            Objects.requireNonNull(storage, "storage");
            Objects.requireNonNull(processes, "processes");
        }

        Pod with(Usage other, List<Container> others) {
            return new Pod(reference, startTime, other, others, network, storage, processes);
        }

        Pod with(List<Container> others, Storage measured) {
            return new Pod(reference, startTime, usage, others, network, Optional.of(measured), processes);
        }
    }

    /**
     * What a pod stores on the node.
     *
     * @param ephemeral its containers, logs and volumes on disk together
     */
    public record Storage(List<Volume> volumes, FileSystem ephemeral) {
        public Storage {
            volumes = List.copyOf(volumes);
            Objects.requireNonNull(ephemeral, "ephemeral");
        }
    }

    /** A volume of a pod. */
    public record Volume(String name, FileSystem usage) {
        public Volume {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(usage, "usage");
        }
    }

    /**
     * A container.
     *
     * @param id the runtime's
     * @param image the runtime's reference of its image
     * @param startTime when it was created
     * @param writableLayer empty if the runtime does not report it, or if it was not requested
     * @param logs empty if they were not requested
     */
    public record Container(
            String name,
            String id,
            String image,
            Instant startTime,
            Usage usage,
            Optional<FileSystem> writableLayer,
            Optional<FileSystem> logs) {
        public Container {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(image, "image");
            Objects.requireNonNull(startTime, "startTime");
            Objects.requireNonNull(usage, "usage");
            Objects.requireNonNull(writableLayer, "writableLayer");
            Objects.requireNonNull(logs, "logs");
        }

        Container with(Usage other) {
            return new Container(name, id, image, startTime, other, writableLayer, logs);
        }

        Container with(Optional<FileSystem> layer, Optional<FileSystem> measuredLogs) {
            return new Container(name, id, image, startTime, usage, layer, measuredLogs);
        }
    }

    /**
     * A file system, or a part of one.
     *
     * @param size the file system
     * @param used bytes that the part uses
     * @param usedInodes inodes that the part uses
     */
    public record FileSystem(Instant time, Size size, OptionalLong used, OptionalLong usedInodes) {
        public FileSystem {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(size, "size");
            Objects.requireNonNull(used, "used");
            Objects.requireNonNull(usedInodes, "usedInodes");
        }

        FileSystem with(Size other) {
            return new FileSystem(time, other, used, usedInodes);
        }
    }

    /**
     * The size of a whole file system.
     *
     * @param capacity in bytes
     * @param available to unprivileged users, in bytes
     * @param inodes empty if the file system allocates them dynamically
     * @param freeInodes as {@code inodes}
     */
    public record Size(OptionalLong capacity, OptionalLong available, OptionalLong inodes, OptionalLong freeInodes) {

        /** A file system that cannot be queried. */
        public static final Size UNKNOWN =
                new Size(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

        public Size {
            Objects.requireNonNull(capacity, "capacity");
            Objects.requireNonNull(available, "available");
            Objects.requireNonNull(inodes, "inodes");
            Objects.requireNonNull(freeInodes, "freeInodes");
        }
    }

    /**
     * Network traffic.
     *
     * @param main the interface with the default route
     * @param interfaces all, that one included
     */
    public record Network(Instant time, Optional<Interface> main, List<Interface> interfaces) {
        public Network {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(main, "main");
            interfaces = List.copyOf(interfaces);
        }
    }

    /**
     * The traffic of a network interface since it was made.
     *
     * @param received bytes
     * @param receiveErrors packets
     * @param sent bytes
     * @param sendErrors packets
     */
    public record Interface(
            String name,
            OptionalLong received,
            OptionalLong receiveErrors,
            OptionalLong sent,
            OptionalLong sendErrors) {
        public Interface {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(received, "received");
            Objects.requireNonNull(receiveErrors, "receiveErrors");
            Objects.requireNonNull(sent, "sent");
            Objects.requireNonNull(sendErrors, "sendErrors");
        }
    }
}
