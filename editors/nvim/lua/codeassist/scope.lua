--- Where ghost text is wanted: everywhere, by filetype, by buffer; the narrower word counts.

local M = {}

---@alias codeassist.Where 'buffer'|'filetype'|'everywhere'

M.WHERE = { 'buffer', 'filetype', 'everywhere' }

local everywhere = true

--- Prose is off by default: what little is guessed there is mostly wrong.
---@type table<string, boolean>
local usual = { markdown = false, text = false, gitcommit = false }

---@type table<string, boolean>
local filetypes = vim.deepcopy(usual)

--- Which of the three switches decides for a buffer, and how it stands.
---@param bufnr? integer
---@return boolean on
---@return codeassist.Where
function M.of(bufnr)
  bufnr = vim._resolve_bufnr(bufnr)
  local own = vim.b[bufnr].codeassist
  if own ~= nil then
    return own ~= false and own ~= 0, 'buffer'
  end
  local filetype = filetypes[vim.bo[bufnr].filetype]
  if filetype ~= nil then
    return filetype, 'filetype'
  end
  return everywhere, 'everywhere'
end

--- Let Neovim ask for completions in a buffer, or not.
---@param bufnr integer
function M.apply(bufnr)
  local on = M.of(bufnr)
  if vim.lsp.inline_completion.is_enabled({ bufnr = bufnr }) ~= on then
    vim.lsp.inline_completion.enable(on, { bufnr = bufnr })
  end
end

--- Let what was switched count in all buffers.
local function take()
  for _, client in ipairs(vim.lsp.get_clients({ name = 'codeassist' })) do
    vim.iter(vim.tbl_keys(client.attached_buffers)):each(M.apply)
  end
  require('codeassist.server').look_again_at_all()
  require('codeassist.state').announce()
end

---@param on boolean
---@param where codeassist.Where
function M.set(on, where)
  if where == 'buffer' then
    vim.b.codeassist = on
  elseif where == 'filetype' then
    filetypes[vim.bo.filetype] = on
    vim.b.codeassist = nil -- else the word for this buffer would hide this one
  else
    everywhere, filetypes = on, vim.deepcopy(usual)
    vim.b.codeassist = nil
  end
  take()
end

--- These filetypes, and no others, are off until they are switched on themselves.
---@param names string[]
function M.leave_out(names)
  usual = {}
  for _, name in ipairs(names) do
    usual[name] = false
  end
  filetypes = vim.deepcopy(usual)
  take()
end

return M
