package io.jubelet.podfiles;

import io.jubelet.plan.ActionFailedException;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodNetwork;

/**
 * What a pod is called in its own network. Pure.
 *
 * @param name without the domain; empty on the network of the node
 * @param domain empty without a subdomain
 */
public record HostName(String name, String domain) {

    private static final int LONGEST = 63;
    private static final int LONGEST_WITH_DOMAIN = 64;

    static final HostName OF_NODE = new HostName("", "");

    /** @param clusterDomain such as {@code cluster.local}; empty for none */
    public static HostName of(Pod pod, String clusterDomain) {
        if (pod.spec().hostNetwork()) {
            return OF_NODE;
        }
        PodNetwork network = pod.spec().network();
        if (network.hostnameOverride().isPresent()) {
            return new HostName(cut(network.hostnameOverride().get()), "");
        }
        String name = cut(network.hostname().isEmpty() ? pod.fullName() : network.hostname());
        if (network.subdomain().isEmpty()) {
            return new HostName(name, "");
        }
        String domain = network.subdomain() + "." + pod.name().namespace() + ".svc";
        return new HostName(name, clusterDomain.isEmpty() ? domain : domain + "." + clusterDomain);
    }

    /**
     * What the kernel of the pod is told.
     *
     * @throws ActionFailedException when the pod wants its full name there, and that is too long
     */
    public String kernelName(Pod pod) {
        if (domain.isEmpty() || !pod.spec().network().hostnameAsFqdn()) {
            return name;
        }
        String full = withDomain();
        if (full.length() > LONGEST_WITH_DOMAIN) {
            throw new ActionFailedException(
                    "FailedCreatePodSandBox",
                    "failed to construct FQDN from pod hostname and cluster domain, FQDN " + full + " is too long ("
                            + LONGEST_WITH_DOMAIN + " characters is the max, " + full.length()
                            + " characters requested)",
                    null);
        }
        return full;
    }

    /** The name with the domain, if there is one. */
    String withDomain() {
        return domain.isEmpty() ? name : name + "." + domain;
    }

    private static String cut(String name) {
        int end = Math.min(name.length(), LONGEST);
        while (name.length() > LONGEST && end > 0 && (name.charAt(end - 1) == '-' || name.charAt(end - 1) == '.')) {
            end--;
        }
        return name.substring(0, end);
    }
}
