package io.jubelet.pod;

import java.util.List;
import java.util.Objects;

/**
 * One container of a pod, with the v1 defaults applied.
 *
 * @param name a DNS label, unique in the pod
 * @param image the reference as written
 * @param imagePullPolicy never null; defaulted from the tag
 * @param command replaces the entry point of the image; empty keeps it
 * @param args replaces the arguments of the image; empty keeps them
 * @param env in the order of the manifest, unexpanded
 * @param workingDir empty keeps that of the image
 * @param ports in the order of the manifest
 * @param resources never null
 * @param volumeMounts in the order of the manifest
 */
public record ContainerSpec(
        String name,
        String image,
        ImagePullPolicy imagePullPolicy,
        List<String> command,
        List<String> args,
        List<EnvVar> env,
        String workingDir,
        List<ContainerPort> ports,
        Resources resources,
        List<VolumeMount> volumeMounts) {

    public ContainerSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(imagePullPolicy, "imagePullPolicy");
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = List.copyOf(env);
        Objects.requireNonNull(workingDir, "workingDir");
        ports = List.copyOf(ports);
        Objects.requireNonNull(resources, "resources");
        volumeMounts = List.copyOf(volumeMounts);
    }
}
