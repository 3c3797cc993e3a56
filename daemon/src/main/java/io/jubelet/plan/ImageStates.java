/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Volume;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The states of the images of some versions of a pod at one moment. Immutable.
 *
 * @param states by required image; one that is absent is unknown
 */
public record ImageStates(Map<RequiredImage, ImageState> states) {

    /**
     * An image that a version requires. Containers and volumes of one version that require the same image with the same policy
     * share its state.
     *
     * @param uid of the version
     * @param image as in the manifest
     * @param policy when to pull it
     */
    public record RequiredImage(String uid, String image, ImagePullPolicy policy) {

        // Written out for the reason given in PodName.

        @Override
        public boolean equals(Object other) {
            return other instanceof RequiredImage that
                    && policy == that.policy
                    && image.equals(that.image)
                    && uid.equals(that.uid);
        }

        @Override
        public int hashCode() {
            return 31 * uid.hashCode() + image.hashCode();
        }
    }

    /** No image is known. */
    public static final ImageStates NONE = new ImageStates(Map.of());

    public ImageStates {
        states = Map.copyOf(states);
    }

    /** Calls {@code query} once for each image that these versions require. */
    public static ImageStates of(List<Pod> versions, BiFunction<Pod, RequiredImage, ImageState> query) {
        Map<RequiredImage, ImageState> states = new HashMap<>();
        for (Pod pod : versions) {
            allRequired(pod).forEach(required -> states.computeIfAbsent(required, _ -> query.apply(pod, required)));
        }
        return new ImageStates(states);
    }

    /** The images that a version names, as in its manifest. */
    public static Set<String> images(Pod pod) {
        return allRequired(pod).map(RequiredImage::image).collect(Collectors.toSet());
    }

    /** Every image that a version requires. */
    private static Stream<RequiredImage> allRequired(Pod pod) {
        return Stream.concat(
                pod.spec().allContainers().map(container -> required(pod, container)),
                pod.spec().volumes().stream()
                        .filter(Volume.Image.class::isInstance)
                        .map(Volume.Image.class::cast)
                        .map(volume -> required(pod, volume)));
    }

    /** The image that a container starts from. */
    public static RequiredImage required(Pod pod, ContainerSpec container) {
        return new RequiredImage(
                pod.uid(), container.image(), container.containerImage().pullPolicy());
    }

    private static RequiredImage required(Pod pod, Volume.Image volume) {
        return new RequiredImage(pod.uid(), volume.reference(), volume.pullPolicy());
    }

    /** The images that a container mounts. */
    public static List<RequiredImage> mounted(Pod pod, ContainerSpec container) {
        return pod.spec().imageVolumes(container).stream()
                .map(volume -> required(pod, volume))
                .toList();
    }

    /** The state of the image that a container starts from. */
    public ImageState of(Pod pod, ContainerSpec container) {
        return of(required(pod, container));
    }

    /** The state of an image. */
    public ImageState of(RequiredImage required) {
        return states.getOrDefault(required, new ImageState.Unknown());
    }
}
