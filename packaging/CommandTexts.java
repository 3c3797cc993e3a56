/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Writes what packages say of the commands: the manual pages of section 1 as Markdown for go-md2man, and the completion of
 * bash and fish. All of it comes from the model of the command line.
 *
 * <p>Arguments: the directory to write to, and the line that begins every page, in which NAME stands for its name.
 */
final class CommandTexts {

    private final Path directory;
    private final String title;
    private final List<String> fish = new ArrayList<>();

    private CommandTexts(Path directory, String title) {
        this.directory = directory;
        this.title = title;
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream nothing = new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
        CommandLine root = new JubeletCommand(
                        new Terminal(nothing, nothing, InstantSource.system()), InputStream.nullInputStream(), _ -> 0)
                .withAllCommands()
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setUsageHelpWidth(110);
        CommandTexts texts = new CommandTexts(Path.of(arguments[0]), arguments[1]);
        Files.writeString(texts.directory.resolve("jubelet.bash"), AutoComplete.bash("jubelet", root));
        texts.write(root, List.of());
        Files.write(texts.directory.resolve("jubelet.fish"), texts.fish);
    }

    private void write(CommandLine command, List<String> above) throws IOException {
        List<String> words = new ArrayList<>(above);
        words.add(command.getCommandName());
        String name = String.join("-", words);
        // jubelet-run(8) is made from docs/reference/flags.md.
        if (!name.equals("jubelet-run")) {
            Files.writeString(directory.resolve(name + ".1.md"), page(command, name));
        }
        complete(command, words.subList(1, words.size()));
        for (CommandLine below : distinctSubcommands(command)) {
            write(below, words);
        }
    }

    private static Iterable<CommandLine> distinctSubcommands(CommandLine command) {
        TreeMap<String, CommandLine> byName = new TreeMap<>();
        command.getSubcommands().values().forEach(below -> byName.put(below.getCommandName(), below));
        return byName.values();
    }

    private String page(CommandLine command, String name) {
        CommandSpec spec = command.getCommandSpec();
        StringBuilder page = new StringBuilder(title.replace("NAME", name)).append("\n\n# NAME\n\n");
        page.append(name).append(" - ").append(escaped(summary(spec))).append("\n\n# SYNOPSIS\n\n");
        page.append(indented(command.getHelp().synopsis(0)));
        paragraph(page, "DESCRIPTION", String.join("\n", spec.usageMessage().description()));
        if (!spec.positionalParameters().isEmpty()) {
            page.append("\n# ARGUMENTS\n");
            spec.positionalParameters().stream()
                    .filter(argument -> !argument.hidden())
                    .forEach(argument -> item(page, bold(argument.paramLabel()), argument));
        }
        if (spec.options().stream().anyMatch(option -> !option.hidden())) {
            page.append("\n# OPTIONS\n");
            options(spec).forEach(option -> item(page, names(option), option));
        }
        if (!command.getSubcommands().isEmpty()) {
            page.append("\n# COMMANDS\n");
            distinctSubcommands(command).forEach(below -> {
                String belowName = name + "-" + below.getCommandName();
                page.append("\n**").append(belowName).append("(");
                page.append(belowName.equals("jubelet-run") ? "8" : "1").append(")**\n: ");
                page.append(escaped(summary(below.getCommandSpec()))).append("\n");
            });
        }
        String footer = String.join("\n", spec.usageMessage().footer());
        if (!footer.isBlank()) {
            page.append("\n# EXAMPLES AND NOTES\n\n").append(indented(plain(footer)));
        }
        return page.append("\n# SEE ALSO\n\n**jubelet(1)**, **jubelet-run(8)**, **jubelet-manifests(5)**\n")
                .toString();
    }

    private static String summary(CommandSpec spec) {
        String header = plain(String.join(" ", spec.usageMessage().header()));
        return header.endsWith(".") ? header.substring(0, header.length() - 1) : header;
    }

    private static Stream<OptionSpec> options(CommandSpec spec) {
        return spec.options().stream().filter(option -> !option.hidden());
    }

    private static String names(OptionSpec option) {
        String label = option.paramLabel().isEmpty() || option.arity().max() == 0 ? "" : "=*" + option.paramLabel() + "*";
        return Stream.of(option.names()).map(CommandTexts::bold).collect(Collectors.joining(", ")) + label;
    }

    private static String bold(String text) {
        return "**" + text + "**";
    }

    private static void item(StringBuilder page, String term, ArgSpec argument) {
        page.append("\n").append(term).append("\n: ").append(escaped(description(argument))).append("\n");
    }

    private static String description(ArgSpec argument) {
        return plain(String.join(" ", argument.description()));
    }

    /** Of the formats, these two alone are in use. */
    private static String plain(String text) {
        return text.replace("%n", "\n").replace("%%", "%");
    }

    private static void paragraph(StringBuilder page, String heading, String text) {
        if (!text.isBlank()) {
            page.append("\n# ").append(heading).append("\n\n").append(escaped(plain(text))).append("\n");
        }
    }

    private static String indented(String text) {
        return text.lines().map(line -> line.isBlank() ? "\n" : "    " + line + "\n").collect(Collectors.joining());
    }

    private static String escaped(String text) {
        return text.replaceAll("[\\\\*_<>\\[\\]`]", "\\\\$0");
    }

    /** The completions of one command: its subcommands if it has any, and its options. */
    private void complete(CommandLine command, List<String> words) {
        // Each word of the command was given, and none of those that could follow.
        List<String> conditions = new ArrayList<>();
        words.forEach(word -> conditions.add("__fish_seen_subcommand_from " + word));
        String next = String.join(" ", command.getSubcommands().keySet());
        if (!next.isEmpty()) {
            conditions.add("not __fish_seen_subcommand_from " + next);
        }
        String condition = conditions.isEmpty() ? "" : " -n '" + String.join("; and ", conditions) + "'";
        if (words.isEmpty()) {
            fish.add("# Completion of jubelet for fish, made from the model of its command line.");
            fish.add("complete -c jubelet -f");
        }
        for (CommandLine below : distinctSubcommands(command)) {
            fish.add("complete -c jubelet" + condition + " -a " + below.getCommandName() + " -d "
                    + quoted(summary(below.getCommandSpec())));
        }
        options(command.getCommandSpec()).forEach(option -> {
            StringBuilder line = new StringBuilder("complete -c jubelet").append(condition);
            for (String name : option.names()) {
                line.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
            }
            String arguments = option.arity().min() == 0 ? "" : takesFile(option) ? " -r -F" : " -x";
            fish.add(line.append(arguments).append(" -d ").append(quoted(firstSentence(option))).toString());
        });
    }

    private static boolean takesFile(OptionSpec option) {
        return Stream.of("FILE", "PATH", "DIR").anyMatch(option.paramLabel()::contains);
    }

    private static String firstSentence(ArgSpec argument) {
        return description(argument).replaceFirst("(?s)[.:;]\\s.*", "").replaceFirst("\\.$", "");
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
