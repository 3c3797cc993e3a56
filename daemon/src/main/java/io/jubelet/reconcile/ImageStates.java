package io.jubelet.reconcile;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is known, at one moment, of the images of some versions of a pod.
 *
 * @param states by who wants it; absent means unknown
 */
public record ImageStates(Map<Wish, ImageState> states) {

    /**
     * What of one version wants the same in the same way shares what becomes of it.
     *
     * @param uid of the version
     * @param image as in the manifest
     */
    public record Wish(String uid, String image, ImagePullPolicy policy) {}

    public static final ImageStates NONE = new ImageStates(Map.of());

    public ImageStates {
        states = Map.copyOf(states);
    }

    /** Asks once for each wish of these versions. */
    public static ImageStates of(List<Pod> versions, BiFunction<Pod, Wish, ImageState> ask) {
        Map<Wish, ImageState> states = new HashMap<>();
        for (Pod pod : versions) {
            wishes(pod).forEach(wish -> states.computeIfAbsent(wish, _ -> ask.apply(pod, wish)));
        }
        return new ImageStates(states);
    }

    /** The images that a version names, as in its manifest. */
    public static Set<String> images(Pod pod) {
        return wishes(pod).map(Wish::image).collect(Collectors.toSet());
    }

    /** Every image that a version wants. */
    private static Stream<Wish> wishes(Pod pod) {
        return pod.spec().allContainers().map(container -> wish(pod, container));
    }

    private static Wish wish(Pod pod, ContainerSpec container) {
        return new Wish(pod.uid(), container.image(), container.imagePullPolicy());
    }

    /** What is known of the image of a container. */
    public ImageState of(Pod pod, ContainerSpec container) {
        return states.getOrDefault(wish(pod, container), new ImageState.Unknown());
    }
}
