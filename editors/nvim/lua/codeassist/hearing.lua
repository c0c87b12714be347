--- Neovim 0.12 goes deaf for a buffer that is edited while it has no server: it stops
--- listening, remembers that it listens, and sends later servers no change any more.
--- A server that was restarted under somebody's hands is therefore sent the whole text.

local M = {}

---@type table<integer, true>
local deaf = {}

--- The last server of a buffer may be about to leave it: see whether it is edited then.
---@param bufnr integer
function M.watch(bufnr)
  vim.api.nvim_buf_attach(bufnr, false, {
    on_lines = function()
      if #vim.lsp.get_clients({ bufnr = bufnr, _uninitialized = true }) == 0 then
        deaf[bufnr] = true
      end
      return true -- one look is enough
    end,
  })
end

--- Send a server the text that it has not heard of.
---@param client vim.lsp.Client
---@param bufnr integer
function M.make_up(client, bufnr)
  local tick = vim.api.nvim_buf_get_changedtick(bufnr)
  if not deaf[bufnr] or vim.lsp.util.buf_versions[bufnr] == tick then
    return
  end
  vim.lsp.util.buf_versions[bufnr] = tick
  local ends = vim.bo[bufnr].fileformat == 'dos' and '\r\n' or '\n'
  local text = table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, true), ends)
  client:notify('textDocument/didChange', {
    textDocument = { uri = vim.uri_from_bufnr(bufnr), version = tick },
    contentChanges = { { text = text .. (vim.bo[bufnr].endofline and ends or '') } },
  })
end

return M
