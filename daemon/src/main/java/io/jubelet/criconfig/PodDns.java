package io.jubelet.criconfig;

import io.jubelet.cri.PodSandboxConfig.DNSConfig;
import io.jubelet.node.ResolvConf;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the resolv.conf of a pod says, as the kubelet has it. Pure, but for the look at the node's own file.
 *
 * <p>Source: the Kubernetes page on DNS for services and pods, and the kubelet where that is silent.
 *
 * @param config for the runtime, which writes the file
 * @param warnings what somebody should know of it
 */
public record PodDns(DNSConfig config, List<Warning> warnings) {

    private static final int MAX_SERVERS = 3;
    private static final int MAX_SEARCHES = 32;
    private static final int MAX_SEARCH = 253;
    private static final int MAX_SEARCH_CHARACTERS = 2048;

    private static final String LIMITED = "DNSConfigForming";

    /**
     * Something that a user should know.
     *
     * @param reason the kubelet's word
     */
    public record Warning(String reason, String message) {}

    public PodDns {
        warnings = List.copyOf(warnings);
    }

    /**
     * What a pod is given.
     *
     * @param nodeIps addresses of the node, the primary first; may be empty
     */
    public static PodDns of(Pod pod, NameResolution node, List<String> nodeIps) {
        List<Warning> warnings = new ArrayList<>();
        DNSConfig base = base(pod, node, nodeIps, warnings);
        PodNetwork.Dns own = pod.spec().network().dns();
        List<String> servers = distinct(base.servers(), own.servers());
        List<String> searches = distinct(base.searches(), own.searches());
        return new PodDns(
                new DNSConfig(
                        limitedServers(servers, warnings),
                        limitedSearches(searches, warnings),
                        options(base.options(), own.options())),
                warnings);
    }

    private static DNSConfig base(Pod pod, NameResolution node, List<String> nodeIps, List<Warning> warnings) {
        return switch (pod.spec().network().dnsPolicy()) {
            case None -> new DNSConfig(List.of(), List.of(), List.of());
            case Default -> ofNode(node, nodeIps);
            case ClusterFirst ->
                pod.spec().hostNetwork() ? ofNode(node, nodeIps) : ofCluster(pod, node, nodeIps, warnings);
            case ClusterFirstWithHostNet -> ofCluster(pod, node, nodeIps, warnings);
        };
    }

    private static DNSConfig ofCluster(Pod pod, NameResolution node, List<String> nodeIps, List<Warning> warnings) {
        if (node.clusterServers().isEmpty()) {
            // Where there is no cluster, nobody misses it who has not asked for it; the kubelet complains of every pod.
            pod.spec()
                    .network()
                    .dnsPolicyAskedFor()
                    .ifPresent(_ -> warnings.add(new Warning(
                            "MissingClusterDNS",
                            "pod: \"" + pod.fullName() + "_" + pod.name().namespace() + "(" + pod.uid()
                                    + ")\". kubelet does not have ClusterDNS IP configured and cannot create Pod using"
                                    + " \"ClusterFirst\" policy. Falling back to \"Default\" policy.")));
            return ofNode(node, nodeIps);
        }
        List<String> searches = node.host().get().map(ResolvConf::searches).orElse(List.of());
        if (!node.clusterDomain().isEmpty()) {
            String services = "svc." + node.clusterDomain();
            searches = distinct(
                    List.of(pod.name().namespace() + "." + services, services, node.clusterDomain()), searches);
        }
        return new DNSConfig(node.clusterServers(), searches, List.of("ndots:5"));
    }

    /** Without a file of the node, nothing outside can be resolved: who asks is sent to the pod itself. */
    private static DNSConfig ofNode(NameResolution node, List<String> nodeIps) {
        Optional<ResolvConf> host = node.host().get();
        if (host.isPresent()) {
            return new DNSConfig(
                    host.get().servers(), host.get().searches(), host.get().options());
        }
        List<String> servers = nodeIps.stream()
                .map(ip -> ip.contains(":") ? "::1" : "127.0.0.1")
                .toList();
        return new DNSConfig(servers.isEmpty() ? List.of("127.0.0.1") : servers, List.of("."), List.of());
    }

    private static List<String> distinct(List<String> first, List<String> more) {
        return List.copyOf(
                new LinkedHashSet<>(Stream.concat(first.stream(), more.stream()).toList()));
    }

    /** What the pod says of an option takes the place of what was said before. */
    private static List<String> options(List<String> base, List<PodNetwork.Dns.Option> own) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : base) {
            options.put(option.split(":", 2)[0], option);
        }
        for (PodNetwork.Dns.Option option : own) {
            String value = option.value().orElse("");
            options.put(option.name(), value.isEmpty() ? option.name() : option.name() + ":" + value);
        }
        return List.copyOf(options.values());
    }

    // --- limits of resolvers

    private static List<String> limitedServers(List<String> servers, List<Warning> warnings) {
        if (servers.size() <= MAX_SERVERS) {
            return servers;
        }
        List<String> limited = servers.subList(0, MAX_SERVERS);
        warnings.add(new Warning(
                LIMITED,
                "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
                        + String.join(" ", limited)));
        return limited;
    }

    private static List<String> limitedSearches(List<String> searches, List<Warning> warnings) {
        List<String> limited = new ArrayList<>(searches.stream()
                .limit(MAX_SEARCHES)
                .filter(search -> search.length() <= MAX_SEARCH)
                .toList());
        while (String.join(" ", limited).length() > MAX_SEARCH_CHARACTERS) {
            limited.removeLast();
        }
        if (limited.size() < searches.size()) {
            warnings.add(new Warning(
                    LIMITED,
                    "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: "
                            + String.join(" ", limited)));
        }
        return limited;
    }
}
