/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a container.
 *
 * @param command replaces the entry point of the image; empty keeps it
 * @param args replaces the arguments of the image; empty keeps them
 * @param workingDir empty for that of the image
 * @param envs in order; of variables with the same name the last one wins
 * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
 * @param logPath relative to the log directory of the sandbox; empty for no log
 * @param stdinOnce whether to close stdin when the first attached client disconnects
 * @param linux null on other operating systems
 * @param windows null on other operating systems
 * @param stopSignal the signal that stops the container
 */
public record ContainerConfig(
        ContainerMetadata metadata,
        ImageSpec image,
        List<String> command,
        List<String> args,
        String workingDir,
        List<KeyValue> envs,
        List<Mount> mounts,
        List<Device> devices,
        Map<String, String> labels,
        Map<String, String> annotations,
        String logPath,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        @Nullable LinuxContainerConfig linux,
        @Nullable WindowsContainerConfig windows,
        List<CDIDevice> cdiDevices,
        Signal stopSignal) {
    public ContainerConfig {
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(image, "image");
        command = List.copyOf(command);
        args = List.copyOf(args);
        Objects.requireNonNull(workingDir, "workingDir");
        envs = List.copyOf(envs);
        mounts = List.copyOf(mounts);
        devices = List.copyOf(devices);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(logPath, "logPath");
        cdiDevices = List.copyOf(cdiDevices);
        Objects.requireNonNull(stopSignal, "stopSignal");
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with the values of this record. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.metadata = metadata;
        builder.image = image;
        builder.command = command;
        builder.args = args;
        builder.workingDir = workingDir;
        builder.envs = envs;
        builder.mounts = mounts;
        builder.devices = devices;
        builder.labels = labels;
        builder.annotations = annotations;
        builder.logPath = logPath;
        builder.stdin = stdin;
        builder.stdinOnce = stdinOnce;
        builder.tty = tty;
        builder.linux = linux;
        builder.windows = windows;
        builder.cdiDevices = cdiDevices;
        builder.stopSignal = stopSignal;
        return builder;
    }

    /**
     * A device of the host that a container can use.
     *
     * @param permissions a subset of {@code rwm}
     */
    public record Device(String containerPath, String hostPath, String permissions) {
        public Device {
            Objects.requireNonNull(containerPath, "containerPath");
            Objects.requireNonNull(hostPath, "hostPath");
            Objects.requireNonNull(permissions, "permissions");
        }
    }

    /** A device of the Container Device Interface (CDI), with its fully qualified name. */
    public record CDIDevice(String name) {
        public CDIDevice {
            Objects.requireNonNull(name, "name");
        }
    }

    /** An environment variable. The value is sent as bytes in UTF-8. */
    public record KeyValue(String key, String value) {
        public KeyValue {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
        }
    }

    /** Builds a {@link ContainerConfig}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private @Nullable ContainerMetadata metadata;
        private @Nullable ImageSpec image;
        private List<String> command = List.of();
        private List<String> args = List.of();
        private String workingDir = "";
        private List<KeyValue> envs = List.of();
        private List<Mount> mounts = List.of();
        private List<Device> devices = List.of();
        private Map<String, String> labels = Map.of();
        private Map<String, String> annotations = Map.of();
        private String logPath = "";
        private boolean stdin;
        private boolean stdinOnce;
        private boolean tty;
        private @Nullable LinuxContainerConfig linux;
        private @Nullable WindowsContainerConfig windows;
        private List<CDIDevice> cdiDevices = List.of();
        private Signal stopSignal = Signal.RUNTIME_DEFAULT;

        private Builder() {}

        public Builder metadata(ContainerMetadata value) {
            this.metadata = value;
            return this;
        }

        public Builder image(ImageSpec value) {
            this.image = value;
            return this;
        }

        public Builder command(List<String> value) {
            this.command = value;
            return this;
        }

        public Builder args(List<String> value) {
            this.args = value;
            return this;
        }

        public Builder workingDir(String value) {
            this.workingDir = value;
            return this;
        }

        public Builder envs(List<KeyValue> value) {
            this.envs = value;
            return this;
        }

        public Builder mounts(List<Mount> value) {
            this.mounts = value;
            return this;
        }

        public Builder devices(List<Device> value) {
            this.devices = value;
            return this;
        }

        public Builder labels(Map<String, String> value) {
            this.labels = value;
            return this;
        }

        public Builder annotations(Map<String, String> value) {
            this.annotations = value;
            return this;
        }

        public Builder logPath(String value) {
            this.logPath = value;
            return this;
        }

        public Builder stdin(boolean value) {
            this.stdin = value;
            return this;
        }

        public Builder stdinOnce(boolean value) {
            this.stdinOnce = value;
            return this;
        }

        public Builder tty(boolean value) {
            this.tty = value;
            return this;
        }

        public Builder linux(@Nullable LinuxContainerConfig value) {
            this.linux = value;
            return this;
        }

        public Builder windows(@Nullable WindowsContainerConfig value) {
            this.windows = value;
            return this;
        }

        public Builder cdiDevices(List<CDIDevice> value) {
            this.cdiDevices = value;
            return this;
        }

        public Builder stopSignal(Signal value) {
            this.stopSignal = value;
            return this;
        }

        public ContainerConfig build() {
            return new ContainerConfig(
                    Objects.requireNonNull(metadata, "metadata"),
                    Objects.requireNonNull(image, "image"),
                    command,
                    args,
                    workingDir,
                    envs,
                    mounts,
                    devices,
                    labels,
                    annotations,
                    logPath,
                    stdin,
                    stdinOnce,
                    tty,
                    linux,
                    windows,
                    cdiDevices,
                    stopSignal);
        }
    }
}
