#!/usr/bin/env python3
"""Renders the Helm chart in several ways and validates what comes out, and the manifests beside it.

Needs helm, and of PyPI kubernetes-validate, jsonschema and kserve; `scripts/check-deploy` sets them up. What Kubernetes
knows itself is validated by its schemas, KServe's objects by the models of its package, and other custom resources by
the definitions in `--crds`, if they are there. `--write` writes the plain manifests anew.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/penstock"
VERSION = "1.35"
# What is in the plain manifests: a name, values, and the templates that are shown, all of them if empty.
PLAIN = {
    "penstock.yaml": ({}, []),
    "shared-cache.yaml": ({"cache.type": "persistentVolumeClaim"}, ["claim", "deployment"]),
    "hpa.yaml": ({"autoscaling.type": "hpa"}, ["autoscaling"]),
    "keda.yaml": ({"autoscaling.type": "keda"}, ["autoscaling"]),
    "inferencepool.yaml": ({"inferencePool.enabled": True}, ["inferencepool"]),
    "podmonitor.yaml": ({"podMonitor.enabled": True}, ["podmonitor"]),
}
VARIANTS = [
    {},
    {"autoscaling.type": "hpa", "inferencePool.enabled": True, "podMonitor.enabled": True},
    {"autoscaling.type": "keda", "cache.type": "persistentVolumeClaim", "existingSecret": "keys"},
    {"cache.type": "persistentVolumeClaim", "cache.existingClaim": "models", "cache.readOnly": True,
     "networkPolicy.hubPorts": [], "service.type": "LoadBalancer"},
    {"tls.existingSecret": "certificate", "apiKeys.existingSecret": "clients", "grpcPort": 8500,
     "extraVolumes": [{"name": "authorities", "configMap": {"name": "authorities"}}],
     "extraVolumeMounts": [{"name": "authorities", "mountPath": "/etc/ssl/certs", "readOnly": True}],
     "strategy": {"type": "Recreate", "rollingUpdate": None}},
    {"podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None}, "drain.delaySeconds": 0},
    {"networkPolicy.enabled": False, "podDisruptionBudget.enabled": False, "serviceAccount.create": False,
     "models": [{"name": "masks", "model": "google-bert/bert-base-uncased", "dtype": "int8", "pin": True}]},
]
WRONG = [
    {"replica": 3}, {"drain.preStopSeconds": 0}, {"models": []}, {"autoscaling.type": "vpa"}, {"adminPort": 8000},
    {"config": {"host": "127.0.0.1"}}, {"cache.readOnly": True}, {"resources.limits.memory": None},
    {"strategy.type": "Recreate"}, {"apiKeys.file": "../keys"}, {"grpcPort": 8000}, {"config": {"grpc-address": "[::]:1"}},
]


def nested(values):
    result = {}
    for path, value in values.items():
        *folders, name = path.split(".")
        place = result
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return result


class Helm:
    def __init__(self, program):
        self.program = program

    def render(self, values, templates=()):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(nested(values), file)
            file.flush()
            shown = [part for name in templates for part in ("--show-only", f"templates/{name}.yaml")]
            command = [self.program, "template", "penstock", str(CHART), "--namespace", "penstock", "--values", file.name]
            return subprocess.run(command + shown, capture_output=True, text=True)


def strip(text):
    """A rendered text without what only helm needs."""
    lines = [line for line in text.splitlines()
             if not line.lstrip().startswith(("# Source:", "helm.sh/chart:", "app.kubernetes.io/managed-by:"))]
    return "# Rendered from deploy/helm/penstock by `scripts/check_manifests.py --write`.\n" + "\n".join(lines) + "\n"


def faults(value, type_, path):
    """What of a value does not fit a type of the clients that are generated of Kubernetes' and KServe's definitions."""
    import kserve.models
    import kubernetes.client.models

    item = re.fullmatch(r"[Ll]ist\[(.*)\]", type_)
    entry = re.fullmatch(r"[Dd]ict[\[(]str, (.*)[\])]", type_)
    simple = {"str": str, "int": int, "bool": bool, "float": (int, float), "datetime": str, "object": object}.get(type_)
    if simple:
        if not isinstance(value, simple):
            yield f"{path} is no {type_}"
    elif item and isinstance(value, list):
        for index, part in enumerate(value):
            yield from faults(part, item[1], f"{path}[{index}]")
    elif entry and isinstance(value, dict):
        for key, part in value.items():
            yield from faults(part, entry[1], f"{path}.{key}")
    elif type_ == "V1beta1MetricQuantity":
        # The package has no model of it; in Go it is a quantity.
        if not re.fullmatch(r"[0-9.]+m?", str(value)):
            yield f"{path} is no quantity"
    elif not item and not entry and isinstance(value, dict):
        model = getattr(kserve.models, type_, None) or getattr(kubernetes.client.models, type_)
        names = {key: name for name, key in model.attribute_map.items()}
        for key, part in value.items():
            if key not in names:
                yield f"{path}.{key} is not known"
            else:
                yield from faults(part, model.openapi_types[names[key]], f"{path}.{key}")
    else:
        yield f"{path} is no {type_}"


def check_with_kserve(document):
    version = document["apiVersion"].split("/")[1].capitalize()
    found = list(faults(document, f"{version}{document['kind']}", document["kind"]))
    assert not found, found


def strict(schema):
    """A schema that refuses what it does not name."""
    if isinstance(schema, dict):
        schema = {key: strict(value) for key, value in schema.items()}
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        schema = [strict(value) for value in schema]
    return schema


def definitions(folder):
    found = {}
    for file in sorted(pathlib.Path(folder).glob("*.yaml")) if folder else []:
        for document in yaml.safe_load_all(file.read_text()):
            if not document or document.get("kind") != "CustomResourceDefinition":
                continue
            for version in document["spec"]["versions"]:
                schema = version["schema"]["openAPIV3Schema"]
                schema["properties"]["metadata"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                key = (f"{document['spec']['group']}/{version['name']}", document["spec"]["names"]["kind"])
                found[key] = strict(schema)
    return found


def validate(text, crds, counts):
    for document in yaml.safe_load_all(text):
        if document is None:
            continue
        group, kind = document["apiVersion"], document["kind"]
        label = f"{kind} {document['metadata']['name']}"
        if group.startswith("serving.kserve.io/"):
            check_with_kserve(document)
            way = "KServe's models"
        elif (group, kind) in crds:
            jsonschema.Draft202012Validator(crds[group, kind]).validate(document)
            way = "custom definitions"
        elif "." in group.split("/")[0] and not group.split("/")[0].endswith(".k8s.io") or "inference" in group:
            way = "nothing but the syntax"
        else:
            kubernetes_validate.validate(document, VERSION, strict=True)
            way = f"the schemas of Kubernetes {VERSION}"
        counts.setdefault(way, []).append(label)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--helm", default="helm")
    parser.add_argument("--crds", help="a folder of CustomResourceDefinitions in YAML")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    helm, crds, counts = Helm(options.helm), definitions(options.crds), {}

    lint = subprocess.run([options.helm, "lint", "--strict", "--quiet", str(CHART)], capture_output=True, text=True)
    assert lint.returncode == 0, lint.stdout + lint.stderr
    for values in VARIANTS:
        result = helm.render(values)
        assert result.returncode == 0, result.stderr
        validate(result.stdout, crds, counts)
    for values in WRONG:
        result = helm.render(values)
        assert result.returncode != 0, f"the chart takes {values}"
        assert "schema" in result.stderr or "don't meet" in result.stderr, result.stderr
    for name, (values, templates) in PLAIN.items():
        result = helm.render(values, templates)
        assert result.returncode == 0, result.stderr
        file = ROOT / "deploy/kubernetes" / name
        if options.write:
            file.write_text(strip(result.stdout))
        assert file.read_text() == strip(result.stdout), f"{name} is not what the chart renders; use --write"
        validate(file.read_text(), crds, counts)
    for file in sorted((ROOT / "deploy/kserve").glob("*.yaml")):
        validate(file.read_text(), crds, counts)
    for way, labels in counts.items():
        print(f"{len(labels)} objects by {way}: {', '.join(sorted(set(labels)))}")
    print(f"{len(WRONG)} wrong sets of values are refused")


if __name__ == "__main__":
    sys.exit(main())
