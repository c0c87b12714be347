"""The LoRA step of transformers and peft as one writes it, a step at a command.

`peft_worker.py MODEL ROWS.npz SETTINGS`: bfloat16 weights, sdpa attention, float32
adapters, fused AdamW, transformers' own loss over labels; no gradient checkpointing.
"""

import json
import sys
import time

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def main(model_folder, rows, settings):
    settings = json.loads(settings)
    torch.set_num_threads(settings["threads"])
    model = AutoModelForCausalLM.from_pretrained(
        model_folder, dtype=torch.bfloat16, attn_implementation="sdpa"
    )
    config = LoraConfig(
        r=settings["rank"],
        lora_alpha=settings["alpha"],
        target_modules=list(TARGETS),
        lora_dropout=0.0,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(model, config).train()
    model.config.use_cache = False
    learned = [each for each in model.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(
        learned, lr=settings["lr"], betas=(0.9, 0.95), weight_decay=0.01, fused=True
    )
    ids, mask, real = (
        torch.from_numpy(np.load(rows)[name]) for name in ("tokens", "mask", "real")
    )
    ids = ids.long()
    used = int(real.any(0).nonzero().max()) + 1
    batch = {
        "input_ids": ids[:, :used],
        "labels": ids.masked_fill(~mask, -100)[:, :used],
    }
    if not real[:, :used].all():
        batch["attention_mask"] = real[:, :used].long()
    while sys.stdin.readline():
        began = time.perf_counter()
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seconds = time.perf_counter() - began
        print(
            json.dumps({"loss": float(loss.detach()), "seconds": seconds}), flush=True
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
