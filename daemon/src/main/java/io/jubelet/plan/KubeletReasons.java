/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

/**
 * The kubelet's reasons of waiting containers and failed actions, as they appear in a pod's status and in events. Users
 * search for these words, so they are written exactly as the kubelet writes them.
 */
public final class KubeletReasons {

    /** A container waits for its sandbox or its image. */
    public static final String CONTAINER_CREATING = "ContainerCreating";

    /** A container waits for init containers. */
    public static final String POD_INITIALIZING = "PodInitializing";

    /** A container waits because earlier instances ended. */
    public static final String CRASH_LOOP_BACK_OFF = "CrashLoopBackOff";

    /** A container lacks something that its configuration is made from, such as a ConfigMap. */
    public static final String CREATE_CONTAINER_CONFIG_ERROR = "CreateContainerConfigError";

    /** The runtime cannot create a container. */
    public static final String CREATE_CONTAINER_ERROR = "CreateContainerError";

    /** The runtime cannot start a container that it created. */
    public static final String RUN_CONTAINER_ERROR = "RunContainerError";

    /** The postStart hook of a container failed. */
    public static final String POST_START_HOOK_ERROR = "PostStartHookError";

    /** The runtime's reason for the end of an instance that it could not start. */
    static final String START_ERROR = "StartError";

    /** The sandbox of a pod cannot be created. */
    public static final String FAILED_CREATE_POD_SANDBOX = "FailedCreatePodSandBox";

    /** The network of the node is not ready. */
    public static final String NETWORK_NOT_READY = "NetworkNotReady";

    /** A volume cannot be set up. It is the reason of an event; the container has {@link #CREATE_CONTAINER_CONFIG_ERROR}. */
    public static final String FAILED_MOUNT = "FailedMount";

    /** A pod exceeded a limit of a volume. */
    public static final String EVICTED = "Evicted";

    /** A pod was active for longer than {@code activeDeadlineSeconds}. */
    public static final String DEADLINE_EXCEEDED = "DeadlineExceeded";

    private KubeletReasons() {}
}
